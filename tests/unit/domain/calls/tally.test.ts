// Calls counted with a bounded number of keys.
import { expect, test } from 'vitest'
import { createTally, type TallyLimits, type ToldCall, tallyLimits } from '../../../../server/domain/calls/tally.ts'

const call = (more: Partial<ToldCall> = {}): ToldCall => ({
  weight: 1,
  ...{ bucket: 'photos', deployment: 'd', function: 'f', status: 200, ms: 3, whose: null, retries: 0 },
  ...more,
})

function counted(calls: Iterable<ToldCall>, limits: TallyLimits = tallyLimits) {
  const tally = createTally(limits)
  for (const one of calls) tally.add(one)
  return tally
}
const all = (rows: readonly { calls: number }[]) => rows.reduce((sum, { calls }) => sum + calls, 0)

test('each combination has its calls, errors, retries and times', () => {
  const calls = [
    call(),
    call({ ms: 7, retries: 2 }),
    call({ status: 502, whose: 'platform', retries: 1 }),
    call({ function: 'g', status: 500, whose: 'function' }),
    call({ deployment: null, status: 503, whose: 'fado' }),
    call({ bucket: null, deployment: null, status: 404, whose: 'caller' }),
  ]
  const rows = counted(calls).take()
  expect(rows.map(({ bucket, deployment, function: name, calls }) => [bucket, deployment, name, calls])).toEqual([
    ['photos', 'd', 'f', 3],
    ['photos', 'd', 'g', 1],
    ['photos', null, 'f', 1],
    [null, null, null, 1],
  ])
  expect(rows[0]).toMatchObject({ errors: { function: 0, platform: 1, fado: 0 }, retries: 3 })
  expect([...(rows[0]?.durations ?? [])]).toEqual([
    [3, 2],
    [7, 1],
  ])
})

test('a call of a sample counts as all for which it stands', () => {
  const calls = [call({ weight: 16, ms: 7, retries: 1 }), call({ status: 500, whose: 'function', ms: 40 })]
  const [row] = counted(calls).take()
  expect(row).toMatchObject({ calls: 17, errors: { function: 1 }, retries: 16 })
  expect(Array.from(row?.durations.values() ?? [])).toEqual([16, 1])
})

test('100 000 buckets and hostile names take no more rows than there may be, and no call is lost', () => {
  const buckets = Array.from({ length: 100_000 }, (_, n) => call({ bucket: `bucket-${n}` }))
  const names = Array.from({ length: 50_000 }, (_, n) => call({ function: `name-${n}`, status: n % 2 ? 404 : 200 }))
  const rows = counted([...names, ...buckets]).take()
  expect(rows.length).toBeLessThanOrEqual(tallyLimits.rows + 1)
  expect(rows.filter(({ bucket }) => bucket === 'photos').length).toBeLessThanOrEqual(tallyLimits.functions + 1)
  expect(all(rows)).toBe(150_000)
})

test('names that are refused take no place of a function', () => {
  const refused = Array.from({ length: 100 }, (_, n) => call({ function: `no-${n}`, status: 404 }))
  const rows = counted([...refused, call(), call({ status: 404 })]).take()
  expect(rows.map(({ function: name, calls }) => [name, calls])).toEqual([
    [null, 100],
    ['f', 2],
  ])
})

test('a row stays while it is called, and gives its place away when it is not', () => {
  const tally = counted([call({ bucket: 'a' })], { rows: 1, functions: 1 })
  const buckets = (...names: string[]) => {
    for (const bucket of names) tally.add(call({ bucket }))
    return tally.take().map(({ bucket, calls }) => [bucket, calls])
  }
  tally.take()
  expect(buckets('b', 'a')).toEqual([
    ['a', 1],
    [null, 1],
  ])
  expect(buckets('b')).toEqual([[null, 1]])
  tally.take()
  expect(buckets('b')).toEqual([['b', 1]])
})
