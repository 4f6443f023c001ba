// Whether this stream's Envoy tells of all its calls. Nothing waits for it, and its version is what it says.
import type { Telling } from '../../../server/domain/calls/telling.ts'
import { runtimeLayer } from '../../resources/runtime.ts'
import type { Kind } from './kind.ts'

const tellings: readonly string[] = ['all', 'sampled'] satisfies Telling[]
const isTelling = (version: string | undefined): version is Telling =>
  version !== undefined && tellings.includes(version)

export const runtime: Kind = {
  madeFrom: () => [],
  plan: ({ telling }, name) => (name === runtimeLayer ? telling : null),
  /** One that returns under load goes on as it did. */
  asked(state, { known }) {
    const before = known.get(runtimeLayer)
    if (isTelling(before)) state.telling = before
  },
}
