import type { ProxyView, ProxyResource as ResourceView } from '../../server/services/routes/read-proxies.ts'
import { builder } from './builder.ts'

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
    version: t.exposeString('version', { nullable: true, description: "Envoy's own version." }),
    resources: t.loadableList({
      type: ProxyResource,
      description: 'The routes of buckets: first what was refused, then what waits, then the latest in force.',
      load: (ids: string[], { services }) => services.proxyResources(ids),
      resolve: (proxy) => proxy.id,
    }),
  }),
})

builder.queryField('proxies', (t) =>
  t.field({ type: [ProxyNode], resolve: (_root, _args, { services }) => services.proxies() }),
)
