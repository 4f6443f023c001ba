// Secrets, asked for by Envoy as its clusters name them. They change without their clusters.
import { afterResume, type Kind } from './kind.ts'

export const secret: Kind = {
  plan: afterResume('secret'),
  notice({ seen, model, stream, dirty }) {
    if (seen.secrets === model.secretsRevision()) return
    seen.secrets = model.secretsRevision()
    for (const name of stream.names('secret')) dirty.secret.add(name)
  },
}
