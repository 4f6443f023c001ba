import type { DeleteBrake } from '../../domain/policy/definitions.ts'

/**
 * Whether a sweep that wants to delete `deletes` of the `ours` objects that FaDO has on a replica must wait for an order:
 * more than the policy allows, or all of them. Then the reason lies more likely with the listing than with the user.
 */
export function isBraked(deletes: number, ours: number, brake: DeleteBrake): boolean {
  if (deletes === 0) return false
  return deletes >= ours || deletes > brakeLimit(ours, brake)
}

/** Most deletes that pass. */
export const brakeLimit = (ours: number, brake: DeleteBrake): number =>
  Math.max(brake.objects, Math.floor((ours * brake.percent) / 100))
