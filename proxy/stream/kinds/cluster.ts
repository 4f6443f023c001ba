// Envoy clusters: one per load-balancing policy, always there.
import { resourceNames } from '../../build-resources.ts'
import { afterResume, type Kind } from './kind.ts'

export const cluster: Kind = {
  fixed: resourceNames.cluster,
  plan: afterResume('cluster'),
  notice({ seen, model, dirty }) {
    if (seen.features === model.features()) return
    seen.features = model.features()
    for (const name of resourceNames.cluster) dirty.cluster.add(name)
  },
  /** It keeps the endpoints that it has, so those have to follow the deployments again. */
  refused({ stream, dirty }) {
    for (const name of stream.names('endpoints')) dirty.endpoints.add(name)
  },
}
