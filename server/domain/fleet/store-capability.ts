// What a store can do beyond the plainest S3, and what is weaker where it cannot. docs/storage.md has the same in a table.
import type { Reason } from '../reason.ts'

/** In the order in which they are tried and shown. */
export const storeCapabilities = [
  'ordered-listing',
  'conditional-writes',
  'conditional-reads',
  'md5-etags',
  'content-md5',
  'multipart',
  'part-layout',
  'tags',
  'listing-encoding',
  'bucket-dates',
  'webhook-events',
] as const
export type StoreCapability = (typeof storeCapabilities)[number]

/** How the trial of one that is missing went, where it is known. */
export type CapabilityGap = { readonly capability: string; readonly reason: string }

/** That it sends no events is said with its events (`say-events.ts`). */
const weaker: Readonly<Record<Exclude<StoreCapability, 'webhook-events'>, string>> = {
  'ordered-listing':
    'Whether it lists objects in the order of their names is not known: where it does not, copies there cannot be compared',
  'conditional-writes':
    'It does not heed conditions of writes: what somebody else writes to a copy in the very moment in which FaDO does may be overwritten',
  'conditional-reads':
    'It does not heed conditions of reads: an object that changes while it is read is copied once more',
  'md5-etags':
    'Its ETags do not tell the MD5: what it holds is compared by size and by what FaDO noted when it wrote it',
  'content-md5':
    'It does not check the MD5 that is sent along: bytes that were changed on the way are found by the ETag that it answers with',
  multipart:
    'Its ETags of objects in parts are not those of S3: such copies are known by what FaDO noted when it wrote them',
  'part-layout': 'It does not tell the parts of an object: copies of one are cut anew, and their ETags differ',
  tags: 'It keeps no tags: objects that have some are copied without them, and named',
  'listing-encoding':
    'Its listings blur names with control characters: such objects are copied when they change, and found missing only by a resync',
  'bucket-dates':
    'Its buckets change their creation dates: one that was made again in the place of another is told by what lies in it',
}

export type StoreFacts = {
  readonly skipTlsVerify: boolean
  readonly capabilities: readonly string[]
  readonly lacking: readonly CapabilityGap[]
}

/** What is worth knowing before one trusts the store with data. */
export function storeHints({ skipTlsVerify, capabilities, lacking }: StoreFacts): readonly Reason[] {
  const gaps = Object.entries(weaker).filter(([capability]) => !capabilities.includes(capability))
  return [
    ...(skipTlsVerify ? [certificateUnchecked] : []),
    ...gaps.map(([capability, sentence]): Reason => {
      const found = lacking.find((gap) => gap.capability === capability)
      return { code: 'CAPABILITY_MISSING', message: found === undefined ? sentence : `${sentence} (${found.reason})` }
    }),
  ]
}

export const certificateUnchecked: Reason = {
  code: 'CERTIFICATE_UNCHECKED',
  message:
    'Its certificate is not checked: whoever is on the way to it can read and change what FaDO sends. Give its CA',
}
