// The secrets by which platforms know FaDO, as they are stored: sealed, each for its deployment.
import type { SealedFor, SecretBox } from '../secrets.ts'

/** What of it there is follows from the deployment's `auth` and its client certificate. */
export type FaasCredentials = {
  /** Of AWS; `sessionToken` goes with keys that were lent for a time. */
  readonly secretKey?: string
  readonly sessionToken?: string
  /** Of Google: the key file of a service account, JSON. */
  readonly serviceAccount?: string
  /** What goes into the header, as it is there: of a bearer token `Bearer ...`. */
  readonly value?: string
  /** PEM: the key of the client certificate. */
  readonly clientKey?: string
}

const placeOf = (faasId: string): SealedFor => ({ table: 'faas_deployment', id: faasId })

/** Null where there is nothing to seal. */
export const sealFaasCredentials = (box: SecretBox, faasId: string, credentials: FaasCredentials): string | null =>
  Object.keys(credentials).length === 0 ? null : box.seal(JSON.stringify(credentials), placeOf(faasId))

/** Throws UNSAFE where another key made it. */
export const openFaasCredentials = (box: SecretBox, faasId: string, sealed: string | null): FaasCredentials =>
  sealed === null ? {} : (JSON.parse(box.open(sealed, placeOf(faasId))) as FaasCredentials)
