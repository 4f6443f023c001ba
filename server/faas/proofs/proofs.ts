// The ways to prove to a platform that a call is FaDO's. A new one is a file here and an entry.
import type { FaasAuth, FaasAuthKind } from '../../domain/fleet/faas-auth.ts'
import { awsSigV4 } from './aws-sigv4.ts'
import { googleServiceAccount } from './google-service-account.ts'
import { bearer, key } from './header.ts'
import type { Proof } from './proof.ts'

const proofs: { readonly [K in FaasAuthKind]: Proof<K> } = {
  aws_sigv4: awsSigV4,
  google_service_account: googleServiceAccount,
  key,
  bearer,
}

export const proofOf = <K extends FaasAuthKind>({ kind }: FaasAuth<K>): Proof<K> => proofs[kind]
