// What a listener's filter is told apart from the listener, whose connections would close at each change. Asked for by Envoy as
// its listeners name it.
import type { Kind } from './kind.ts'

export const filter: Kind = {
  plan: ({ cache }, name) => cache.version('filter', name) ?? null,
  madeFrom: (model) => [model.issuerKeys()],
}
