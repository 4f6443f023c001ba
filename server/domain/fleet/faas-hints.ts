import type { Reason } from '../reason.ts'
import { type FaasAuth, isOpen } from './faas-auth.ts'
import { type FaasKind, platforms } from './platform.ts'
import { certificateUnchecked } from './store-capability.ts'

export type FaasFacts = {
  readonly kind: FaasKind
  readonly url: string
  readonly skipVerify: boolean
  readonly auth: FaasAuth | null
  /** It answered 404 where its health is asked. */
  readonly lacksPath: boolean
  /** Since when its platform refuses FaDO's key; null: it does not, as far as is known. */
  readonly refusedSince: Date | null
}

type Hint = Reason & { readonly since?: Date }

/** What is wrong with a function deployment that answers its probes, or weaker than it could be: the worst first. */
export function faasHints({ kind, url, skipVerify, auth, lacksPath, refusedSince }: FaasFacts): readonly Hint[] {
  const { protocol, hostname } = new URL(url)
  const isClear = protocol === 'http:' && !isOwnMachine(hostname)
  return [
    ...(refusedSince === null ? [] : [{ ...platformRefuses, since: refusedSince }]),
    ...(lacksPath ? notThePlatform(kind) : []),
    ...(skipVerify ? [certificateUnchecked] : []),
    ...(isClear && auth !== null && isOpen(auth) ? [secretOpen] : []),
  ]
}

const isOwnMachine = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

const platformRefuses: Reason = {
  code: 'PLATFORM_REFUSES',
  message: "Its platform refuses FaDO's key, so calls there get 502: give it one that it takes (fado function update)",
}

function notThePlatform(kind: FaasKind): readonly Reason[] {
  const { probePath, hasProbePath } = platforms[kind]
  if (hasProbePath === null) return []
  const message = `It answers 404 to ${probePath}, so it seems to be no ${hasProbePath}: another server is to be added with the platform HTTP (fado function add --kind HTTP)`
  return [{ code: 'NOT_THE_PLATFORM', message }]
}

const secretOpen: Reason = {
  code: 'SECRET_UNENCRYPTED',
  message: 'Its secret goes there over http: whoever is on the way can read it. Give an https url',
}
