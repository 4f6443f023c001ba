import { expect, test } from 'vitest'
import { type KnownOfKey, wentBack } from '../../../../../server/replication/keys/went-back.ts'

const now = 10_000_000
const answered = (secondsAgo: number, etag = 'e') => ({ etag, lastModified: now - secondsAgo * 1000, serverDate: now })
const record = (secondsAgo: number, etag = 'e') => ({ etag, lastModified: now - secondsAgo * 1000 })
const known = (what: Partial<KnownOfKey>): KnownOfKey => ({
  bucket: { knownSeconds: 100 },
  record: null,
  journal: null,
  ...what,
})
const copied = (secondsAgo: number, verified = true) => ({ sourceModified: now - secondsAgo * 1000, verified })

test('older than the record or than what was copied went back; the same second or a newer one did not', () => {
  expect(wentBack(answered(50), known({ record: record(40) }))).toBe(true)
  expect(wentBack(answered(50), known({ journal: copied(40) }))).toBe(true)
  expect(wentBack(answered(50), known({ record: record(50), journal: copied(50) }))).toBe(false)
  expect(wentBack(answered(30, 'other'), known({ record: record(40), journal: copied(40) }))).toBe(false)
  expect(wentBack(answered(50), known({ journal: copied(40, false) })), 'of others').toBe(false)
})

test('what a look at the whole master recorded is believed, though a copy has newer', () => {
  expect(wentBack(answered(50), known({ record: record(50), journal: copied(40) }))).toBe(false)
  expect(wentBack(answered(50, 'other'), known({ record: record(50), journal: copied(40) }))).toBe(true)
})

test('what nobody knows came back when it was written before the last whole look, which did not see it', () => {
  expect(wentBack(answered(150), known({}))).toBe(true)
  expect(wentBack(answered(50), known({}))).toBe(false)
  expect(wentBack(answered(101), known({})), 'clocks tell whole seconds').toBe(false)
  expect(wentBack(answered(150), known({ bucket: { knownSeconds: null } })), 'never looked at').toBe(false)
  expect(wentBack({ ...answered(150), serverDate: null }, known({})), 'no clock').toBe(false)
})
