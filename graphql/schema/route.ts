import { lbPolicies, lbPolicyDefinitions } from '../../server/domain/policy/lb-policy.ts'
import type { RouteView, RouteWait as WaitView } from '../../server/services/routes/read-routes.ts'
import { Route } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster.ts'
import { ProxyNode } from './proxy.ts'
import { Reason } from './reason.ts'

export const LbPolicy = builder.enumType('LbPolicy', {
  description: 'How calls are spread over the deployments of the clusters that may serve.',
  values: Object.fromEntries(
    lbPolicies.map((value) => [value.toUpperCase(), { value, description: lbPolicyDefinitions[value].meaning }]),
  ),
})

export const RouteState = builder.enumType('RouteState', {
  values: {
    SERVING: { description: 'Every proxy has ACKed it: calls go there and nowhere else.' },
    PENDING: { description: 'Not yet, or no proxy is connected.' },
    REJECTED: { description: 'An Envoy refused it.' },
    UNROUTABLE: { description: 'No cluster can serve, or none whose functions answer: calls get 503.' },
  },
})

const RouteUpstream = builder.objectRef<RouteView['upstreams'][number]>('RouteUpstream').implement({
  fields: (t) => ({
    cluster: t.field({ type: Cluster, resolve: (upstream) => upstream.clusterId }),
    weight: t.exposeInt('weight', { description: 'Of all its function deployments together.' }),
    answers: t.exposeBoolean('answers', {
      description: 'One of its function deployments is not down. Calls go to none that is.',
    }),
  }),
})

const RouteWait = builder.objectRef<WaitView>('RouteWait').implement({
  description: 'A proxy that has not agreed to a route.',
  fields: (t) => ({
    proxy: t.field({
      type: ProxyNode,
      nullable: true,
      description: 'Null when it went just now.',
      resolve: (wait) => wait.proxyId,
    }),
    reason: t.field({
      type: Reason,
      description:
        'PROXY_BEHIND: no answer yet. PROXY_GONE: its connection ended. PROXY_REFUSED: it keeps the last good one.',
      resolve: (wait) => wait.reason,
    }),
  }),
})

Route.implement({
  description: "Where a bucket's calls go.",
  fields: (t) => ({
    lbPolicy: t.field({ type: LbPolicy, resolve: (route) => route.lbPolicy }),
    state: t.field({ type: RouteState, resolve: (route) => route.state }),
    overridden: t.exposeBoolean('overridden', { description: 'By a user, with RouteOverrideSet.' }),
    upstreams: t.field({
      type: [RouteUpstream],
      description:
        "What is wanted now, the master's cluster among them where it may serve. With FIRST in the order in which they are " +
        'asked, else by name.',
      resolve: (route) => route.upstreams,
    }),
    callers: t.stringList({
      nullable: true,
      description:
        'Names of those who may call, in order; null: anybody. None: nobody, for the policy callers names no caller that there is.',
      resolve: ({ callers }) => callers && [...callers],
    }),
    waitsFor: t.field({
      type: [RouteWait],
      complexity: { field: 1, multiplier: 1 }, // almost always none
      description: 'The proxies that count and have not agreed to it: SERVING, and each deletion, waits for them.',
      resolve: (route) => route.waitsFor,
    }),
  }),
})
