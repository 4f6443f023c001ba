// The endpoints of an Envoy cluster, with the placement classes that each is in.
import { nameOfSet } from '../../resources/features/features.ts'
import { envoyClusterName, parseEndpointsName } from '../../resources/names.ts'
import { type StreamState, wakeAwaitingClass } from '../state.ts'
import { afterResume, type Kind } from './kind.ts'

const policyOf = (name: string) => parseEndpointsName(name)?.policy

const planKnown = afterResume('endpoints')

/**
 * Its cluster is about to ask for others, under another name. Till then these stay: a deployment that asks for something else
 * now, e.g. for another signature, is not among them any more, and its calls would find nobody.
 */
function isBeingReplaced({ model, stream, cache, quarantine }: StreamState, name: string): boolean {
  const parsed = parseEndpointsName(name)
  if (!parsed || !stream.has('endpoints', name) || nameOfSet(parsed.set) === nameOfSet(model.features())) return false
  const cluster = envoyClusterName(parsed.policy, parsed.kind)
  return quarantine.cluster.refusal(cluster, cache.version('cluster', cluster) ?? '') === undefined
}

function isCurrent({ classes, model }: StreamState, name: string): boolean {
  const policy = policyOf(name)
  return policy !== undefined && classes.revisionOf(name) >= model.revision(policy)
}

export const endpoints: Kind = {
  plan(state, name) {
    // A name that another version of FaDO gave: what is under it stays until its cluster has others.
    if (!policyOf(name) && state.stream.has('endpoints', name)) return undefined
    if (isBeingReplaced(state, name)) return undefined
    return planKnown(state, name)
  },
  madeFrom: (model) => [model.classesRevision()],
  isCurrent,
  settled(state, name) {
    const { classes, model } = state
    const policy = policyOf(name)
    if (!policy || isCurrent(state, name)) return
    classes.acked(name, model.revision(policy))
    wakeAwaitingClass(state)
  },
  sending({ classes, model }, name) {
    const policy = policyOf(name)
    if (policy) classes.sending(name, model.revision(policy))
  },
  asked({ classes }, { names }) {
    for (const name of names) classes.forget(name)
  },
  dropped(state, name) {
    state.classes.forget(name)
    wakeAwaitingClass(state)
  },
  acked(state, { resources }) {
    for (const name of resources.keys()) state.classes.acked(name)
    wakeAwaitingClass(state)
  },
}
