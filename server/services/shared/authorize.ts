// Who asks, and what that token may do.
import { FadoError } from '../../domain/errors.ts'
import { roleAllows, type TokenRole } from '../../domain/token-role.ts'

export type Actor = {
  /** The token's. */
  readonly id: string
  readonly name: string
  readonly role: TokenRole
  /** Bounds: it may change only what lies in one of these zones; empty = no bounds. */
  readonly zones: readonly string[]
}

export function requireRole(actor: Actor, needs: TokenRole): void {
  if (!roleAllows(actor.role, needs))
    throw new FadoError('FORBIDDEN', `This needs a token of the role ${needs}; yours has the role ${actor.role}`)
}

const boundsOf = (actor: Actor): string => `Your token is for the zones ${actor.zones.join(', ')} only`

export function requireNoBounds(actor: Actor, what: string): void {
  if (actor.zones.length > 0) throw new FadoError('FORBIDDEN', `${boundsOf(actor)}: it may not change ${what}`)
}

/** `zones` are those of the cluster that is changed, or where the bucket's master lies. */
export function requireZones(actor: Actor, zones: readonly string[], what: string): void {
  if (actor.zones.length === 0 || zones.some((zone) => actor.zones.includes(zone))) return
  throw new FadoError('FORBIDDEN', `${boundsOf(actor)}: it may not change ${what}`)
}

/** Else a token could draw data of other zones into its own by giving its clusters those zones. */
export function requireOwnZones(actor: Actor, before: readonly string[], after: readonly string[]): void {
  if (actor.zones.length === 0) return
  const changed = [...after.filter((zone) => !before.includes(zone)), ...before.filter((zone) => !after.includes(zone))]
  const foreign = changed.filter((zone) => !actor.zones.includes(zone))
  if (foreign.length > 0)
    throw new FadoError('FORBIDDEN', `${boundsOf(actor)}: it may not give or take ${foreign.join(', ')}`, {
      path: ['zones'],
    })
}
