// Who may post events. Asked for each event, so answers are kept a while; longer while the database is away, for an event
// that is refused is lost.
import { roleAllows } from '../../domain/token-role.ts'
import type { Authenticated } from '../tokens/authenticate.ts'
import { hashToken } from '../tokens/authenticate.ts'

export type NotifyAccess = {
  /** `unknown`: the database cannot be asked. */
  ask(secret: string): Promise<'allowed' | 'refused' | 'unknown'>
  /** A token was revoked: what is kept of it no longer holds. */
  forget(tokenId: string): void
}

const freshMs = 5_000
const staleMs = 600_000
const mostKept = 1_000

export function createNotifyAccess(authenticate: (secret: string) => Promise<Authenticated | undefined>): NotifyAccess {
  const kept = new Map<string, { readonly tokenId: string; readonly at: number }>()

  async function ask(secret: string): Promise<'allowed' | 'refused' | 'unknown'> {
    const hash = hashToken(secret)
    const known = kept.get(hash)
    const age = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.at
    if (age < freshMs) return 'allowed'
    try {
      const actor = await authenticate(secret)
      kept.delete(hash)
      if (actor === undefined || !roleAllows(actor.role, 'NOTIFY')) return 'refused'
      if (kept.size >= mostKept) kept.clear()
      kept.set(hash, { tokenId: actor.id, at: performance.now() })
      return 'allowed'
    } catch {
      return age < staleMs ? 'allowed' : 'unknown'
    }
  }
  return {
    ask,
    forget(tokenId) {
      for (const [hash, entry] of kept) if (entry.tokenId === tokenId) kept.delete(hash)
    },
  }
}
