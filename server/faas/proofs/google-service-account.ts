import { audienceOf, hasAddressPerFunction } from '../../domain/fleet/call-form.ts'
import type { Proof } from './proof.ts'

/** Calls carry a token that Google gives for an hour. */
export const googleServiceAccount: Proof<'google_service_account'> = {
  // FaDO asks its platforms nothing that needs one.
  headers: async () => ({}),
  stored: () => ({}),
  /** One token, or one for each function where functions have addresses of their own. Those that are not there are left out. */
  lent(endpoint, { serviceAccount }, tokens) {
    if (serviceAccount === undefined) return {}
    const bearer = (name: string) => {
      const { token } = tokens.want({ serviceAccount, audience: audienceOf(endpoint, name) })
      return token === undefined ? undefined : `Bearer ${token}`
    }
    if (!hasAddressPerFunction(endpoint)) {
      const header = bearer('')
      return header === undefined ? {} : { header }
    }
    const headers = (endpoint.functions ?? []).flatMap((name) => {
      const found = bearer(name)
      return found === undefined ? [] : [[name, found] as const]
    })
    return { headers: Object.fromEntries(headers) }
  },
}
