import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { CopyEnded, NotDigested } from '../../../../server/storage/copy-ends.ts'
import type { CopyPlan } from '../../../../server/storage/copy-plan.ts'
import {
  type CopiedPart,
  compositeOf,
  faultOfParts,
  measuresParts,
  verifyParts,
} from '../../../../server/storage/judge-parts.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'

const digest = (text: string) => createHash('md5').update(text).digest('hex')
const whole = compositeOf([digest('one'), digest('two')])

type Source = { readonly etag: string; readonly lent: boolean; readonly read: string | null; readonly digests: boolean }
const plan = ({ etag = whole, lent = false, read = null, digests = true }: Partial<Source> = {}) =>
  ({
    ...{ measure: false, read, sourceHead: { etag, etagIsDigest: digests, size: 6 } },
    request: lent ? { version: {} } : {},
  }) as CopyPlan

/** What came; `written`: what the target says of it. */
const part = (came: string, written = digest(came), more: Partial<CopiedPart> = {}): CopiedPart => ({
  ...{ etag: written, etagIsDigest: true, serverDate: null, bytes: came.length, md5: digest(came), ...more },
})
const right = [part('one'), part('two')]
const other = [part('one'), part('ten')]

test('the ETag of an object in parts is the digest of their digests, with how many there are', () => {
  expect(compositeOf([])).toBe('d41d8cd98f00b204e9800998ecf8427e-0')
  expect(whole).toMatch(/^[0-9a-f]{32}-2$/)
})

test('what is read is measured where the ETag cannot tell what the parts are', () => {
  expect(measuresParts(plan(), 'parts')).toBe(false)
  expect(measuresParts(plan(), 'ranges')).toBe(true)
  expect(measuresParts(plan({ lent: true }), 'parts')).toBe(true)
  expect(measuresParts(plan({ digests: false }), 'parts')).toBe(true)
  expect(measuresParts({ ...plan(), measure: true }, 'parts')).toBe(true)
})

test('parts that do not add up are no object', () => {
  for (const measured of [true, false])
    expect(faultOfParts(plan(), [part('one')], measured)).toBeInstanceOf(StorageError)
})

test.each<[string, CopyPlan, readonly CopiedPart[], boolean, unknown]>([
  ['as the source says', plan(), right, true, undefined],
  ['lent, and as the source says', plan({ lent: true }), right, true, undefined],
  ['lent, and other bytes', plan({ lent: true }), other, true, CopyEnded],
  ['other bytes, and nobody has read them before', plan({ etag: 'x' }), other, true, undefined],
  [
    'other bytes, as they were read before',
    plan({ etag: 'x', read: compositeOf([digest('one'), digest('ten')]) }),
    other,
    true,
    undefined,
  ],
  ['other bytes than were read before', plan({ etag: 'x', read: whole }), other, true, NotDigested],
  ['other than were read before, and as the source says', plan({ read: 'y-2' }), right, true, undefined],
  ['not measured: written as the source says', plan(), right, false, undefined],
  ['not measured: written otherwise', plan(), other, false, NotDigested],
  [
    'not measured: the target gives no digests',
    plan(),
    [part('one'), part('two', 'x', { etagIsDigest: false })],
    false,
    undefined,
  ],
])('%s', (_what, of, parts, measured, fault) => {
  const found = faultOfParts(of, parts, measured)
  if (fault === undefined) expect(found).toBeUndefined()
  else expect(found).toBeInstanceOf(fault)
})

test('what shows that the target has it', () => {
  expect(verifyParts(plan(), right, whole)).toBe('etag')
  expect(verifyParts(plan({ etag: 'x' }), right, 'y')).toBe('md5')
  const unmeasured = right.map((one) => ({ ...one, md5: null }))
  expect(verifyParts(plan(), unmeasured, 'y')).toBe('md5')
  expect(verifyParts(plan({ etag: 'x' }), unmeasured, 'y')).toBe('size')
})
