import type { ProxyView, ProxyResource as ResourceView } from '../../server/services/routes/read-proxies.ts'
import { builder } from './builder.ts'
import { encodeNodeId, idOf } from './node-id.ts'
import { refusals } from './user-error.ts'

const ProxyResourceState = builder.enumType('ProxyResourceState', {
  values: {
    ACKED: { description: 'In force there.' },
    NACKED: { description: 'Refused; the error is its own.' },
    PENDING: { description: 'Not answered yet.' },
  },
})

const ProxyResource = builder.objectRef<ResourceView>('ProxyResource').implement({
  description: 'An Envoy resource as one proxy has it.',
  fields: (t) => ({
    typeUrl: t.exposeString('typeUrl'),
    name: t.exposeString('name'),
    version: t.exposeString('version'),
    state: t.field({ type: ProxyResourceState, resolve: (resource) => resource.state }),
    error: t.exposeString('error', { nullable: true }),
  }),
})

export const ProxyNode = builder.loadableNodeRef('Proxy', {
  id: { resolve: (proxy: ProxyView) => proxy.id },
  load: (ids: string[], { services }) => services.proxiesByIds(ids) as Promise<ProxyView[]>,
})

ProxyNode.implement({
  description: 'An Envoy that FaDO knows.',
  fields: (t) => ({
    nodeId: t.exposeString('nodeId'),
    connectedSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null while it is not connected.',
      resolve: (proxy) => proxy.connectedSince,
    }),
    controlPlane: t.exposeString('controlPlane', {
      nullable: true,
      description:
        'To which control plane it is connected: the name of its machine and its xDS port. Null: to none, or not known.',
    }),
    goneSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The end of its last connection; null while it is connected.',
      resolve: (proxy) => proxy.goneSince,
    }),
    countsUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Until then it may still serve by what it had: routes and deletions wait for it, unless it connects or is forgotten. Time in which no control plane runs is added.',
      resolve: (proxy) => proxy.countsUntil,
    }),
    version: t.exposeString('version', { nullable: true, description: "Envoy's own version." }),
    resources: t.loadableList({
      type: ProxyResource,
      description: 'The routes of buckets: first what was refused, then what waits, then the latest in force.',
      load: (ids: string[], { services }) => services.proxyResources(ids),
      resolve: (proxy) => proxy.id,
    }),
  }),
})

const ProxyForgetInput = builder.inputType('ProxyForgetInput', { fields: (t) => ({ id: t.id({ required: true }) }) })
const ProxyForgetPayload = builder.objectRef<{ readonly id: string }>('ProxyForgetPayload').implement({
  fields: (t) => ({ forgottenId: t.id({ resolve: ({ id }) => encodeNodeId('Proxy', id) }) }),
})

builder.mutationField('proxyForget', (t) =>
  t.field({
    type: ProxyForgetPayload,
    errors: refusals,
    description:
      'An Envoy that will not come back no longer holds up routes and deletions. IN_USE while it is connected.',
    args: { input: t.arg({ type: ProxyForgetInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      id: await services.forgetProxy(actor, { id: idOf('Proxy', input.id) }),
    }),
  }),
)

builder.queryField('proxies', (t) =>
  t.field({ type: [ProxyNode], resolve: (_root, _args, { services }) => services.proxies() }),
)
