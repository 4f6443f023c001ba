// Words about buckets that are there already.
import { zonesAllow } from '../../server/domain/fleet/zones.ts'
import { isReason } from '../../server/domain/reason.ts'
import { bytes, list, plural } from './format.ts'

type Sample = { readonly objects: number; readonly bytes: number; readonly whole: boolean }

/** "12 objects, 3.4 MB", "at least 1 000 objects, 2 GB"; what could not be listed is unknown. */
export function sampleWords(sample: Sample | null): string {
  if (sample === null) return 'unknown'
  if (sample.objects === 0) return 'empty'
  return `${sample.whole ? '' : 'at least '}${plural(sample.objects, 'object')}, ${bytes(sample.bytes)}`
}

/** Its name does not forbid it. */
export const mayBeAdopted = (warnings: readonly { readonly code: string }[]): boolean =>
  !warnings.some((one) => isReason(one, 'NAME_TAKEN') || isReason(one, 'NAME_UNUSABLE'))

type Page = {
  readonly nodes: readonly { readonly name: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean }
}

/**
 * Whether a store may have a bucket of that name that FaDO does not look after: it is among those that it named, or it named not
 * all; `silent`: it named none, for it did not answer (null). What a store calls a bucket holds its name.
 */
export function holds(bucket: string, page: Page | null): boolean | 'silent' {
  if (page === null) return 'silent'
  return page.pageInfo.hasNextPage || page.nodes.some(({ name }) => name.includes(bucket))
}

/** Why a copy cannot be taken over on a store now; null: it can. `inForce`: the zones in which data may lie, none: in all. */
export function whyNotThere(
  { isSilent, zones }: { readonly isSilent: boolean; readonly zones: readonly string[] },
  inForce: readonly string[],
): string | null {
  if (isSilent) return 'does not answer now, so nobody knows what is there'
  return zonesAllow(inForce, { zones }) ? null : `its data may lie in ${list(inForce)} only`
}

export const zoneWords = (zones: readonly string[]): string => (zones.length === 0 ? 'in no zone' : `in ${list(zones)}`)
