import { audienceOf, hasAddressPerFunction } from '../../domain/fleet/call-form.ts'
import type { Proof } from './proof.ts'

/** Calls carry a token that Google gives for an hour. */
export const googleServiceAccount: Proof<'google_service_account'> = {
  // FaDO asks its platforms nothing that needs one.
  headers: async () => ({}),
  stored: () => ({}),
  /** One token, or one for each function where functions have addresses of their own. Those that are not there are left out. */
  lent(endpoint, { serviceAccount }, { token }) {
    if (serviceAccount === undefined) return {}
    const bearer = (name: string) => {
      const found = token({ serviceAccount, audience: audienceOf(endpoint, name) })
      return found === undefined ? undefined : `Bearer ${found}`
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
