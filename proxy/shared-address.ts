// Envoy tells endpoints apart by address and port alone. A deployment at the address of another one (services of Cloud Run,
// function URLs) is reached by a way inside of Envoy that has a name of its own, and ends at the address which the endpoint
// says: a listener that binds no port, and an Envoy cluster. It costs such calls a hop, and others nothing.
import { sharedAddressWay } from './resources/names.ts'
import { any, type WireObject } from './resources/wire.ts'

export const sharedAddressExtension: WireObject = {
  name: 'envoy.bootstrap.internal_listener',
  typed_config: any('envoy.extensions.bootstrap.internal_listener.v3.InternalListener'),
}

export const sharedAddressListener: WireObject = {
  name: sharedAddressWay,
  internal_listener: {},
  listener_filters: [
    {
      name: 'envoy.filters.listener.original_dst',
      typed_config: any('envoy.extensions.filters.listener.original_dst.v3.OriginalDst'),
    },
  ],
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.tcp_proxy',
          typed_config: any('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
            stat_prefix: sharedAddressWay,
            cluster: sharedAddressWay,
            idle_timeout: '0s', // that of the connection which leads here holds
          }),
        },
      ],
    },
  ],
}

export const sharedAddressCluster: WireObject = {
  name: sharedAddressWay,
  type: 'ORIGINAL_DST',
  lb_policy: 'CLUSTER_PROVIDED',
  connect_timeout: '1s',
}
