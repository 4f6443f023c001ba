// Words about buckets that are there already.
import { isReason } from '../../server/domain/reason.ts'
import { bytes, plural } from './format.ts'

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
 * all, or none (null). What a store calls a bucket holds its name.
 */
export const mayHold = (bucket: string, page: Page | null): boolean =>
  page === null || page.pageInfo.hasNextPage || page.nodes.some(({ name }) => name.includes(bucket))
