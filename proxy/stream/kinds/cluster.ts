// Envoy clusters: one for each load-balancing policy that a bucket uses, from its first use on, and each kind of calls.
import { envoyClusterName } from '../../resources/names.ts'
import type { StreamState } from '../state.ts'
import { afterResume, type Kind } from './kind.ts'

const used = ({ model }: StreamState) =>
  [...model.policies.keys()].flatMap((policy) => model.callKinds().map((kind) => envoyClusterName(policy, kind)))

const planKnown = afterResume('cluster')

export const cluster: Kind = {
  unasked: used,
  plan(state, name) {
    if (used(state).includes(name)) return planKnown(state, name)
    // A table that is not known here may still send calls to it, so it stays.
    return state.stream.has('cluster', name) ? undefined : null
  },
  madeFrom: (model) => [model.features(), model.upstreams(), model.policies.size, model.callKinds()],
  /** A starting Envoy waits for its Envoy clusters, also when there are none. */
  asked({ mustAnswer }, { known, first }) {
    if (first && known.size === 0) mustAnswer.add('cluster')
  },
  /** It keeps the endpoints that it has, so those have to follow the deployments again. */
  refused({ stream, dirty }) {
    for (const name of stream.names('endpoints')) dirty.endpoints.add(name)
  },
}
