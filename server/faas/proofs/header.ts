import type { FaasCredentials } from '../credentials.ts'
import type { Proof } from './proof.ts'

const stored = ({ value }: FaasCredentials) => (value === undefined ? {} : { header: value })

/** Calls carry a secret in a header of this name. */
export const key: Proof<'key'> = { headers: async ({ header }, { value = '' }) => ({ [header]: value }), stored }
export const bearer: Proof<'bearer'> = {
  headers: async (_auth, { value = '' }) => ({ authorization: value }),
  stored,
}
