import type { Reason } from '../reason.ts'
import type { FaasAuth } from './faas-auth.ts'
import { certificateUnchecked } from './store-capability.ts'

export type FaasFacts = { readonly url: string; readonly skipVerify: boolean; readonly auth: FaasAuth | null }

/** What is weaker with a function deployment than it could be. */
export function faasHints({ url, skipVerify, auth }: FaasFacts): readonly Reason[] {
  const { protocol, hostname } = new URL(url)
  const isOpen = protocol === 'http:' && !isOwnMachine(hostname)
  return [
    ...(skipVerify ? [certificateUnchecked] : []),
    // A signature tells nothing of its key.
    ...(isOpen && auth !== null && auth.kind !== 'aws_sigv4' ? [secretOpen] : []),
  ]
}

const isOwnMachine = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

const secretOpen: Reason = {
  code: 'SECRET_UNENCRYPTED',
  message: 'Its secret goes there over http: whoever is on the way can read it. Give an https url',
}
