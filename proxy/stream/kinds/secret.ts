// Secrets, asked for by Envoy as its clusters name them. They change without their clusters.
import { afterResume, type Kind } from './kind.ts'

export const secret: Kind = {
  plan: afterResume('secret'),
  madeFrom: (model) => [model.secretsRevision()],
}
