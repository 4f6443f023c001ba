import type { FaasAuth, FaasAuthKind } from '../../domain/fleet/faas-auth.ts'
import type { DeploymentSecrets, FaasEndpoint } from '../../domain/route/routing-table.ts'
import type { FaasCredentials } from '../credentials.ts'
import type { GoogleTokens } from '../google-tokens.ts'

/** A way to prove to a platform that a call is FaDO's. */
export type Proof<K extends FaasAuthKind> = {
  /** Headers of a GET request of FaDO's own. */
  readonly headers: (
    auth: FaasAuth<K>,
    credentials: FaasCredentials,
    url: URL,
  ) => Promise<Readonly<Record<string, string>>>
  /** What Envoys need of the credentials as they are stored. */
  readonly stored: (credentials: FaasCredentials) => SecretParts
  /** What they need that comes and goes while the credentials stay the same; absent: nothing. */
  readonly lent?: (
    endpoint: FaasEndpoint,
    credentials: FaasCredentials,
    tokens: Pick<GoogleTokens, 'want'>,
  ) => SecretParts
}

type SecretParts = Partial<Omit<DeploymentSecrets, 'version' | 'clientKey'>>
