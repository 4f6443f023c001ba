import { expect, onTestFinished, test, vi } from 'vitest'
import { createLeases, type Leases } from '../../../../../server/replication/claims/leases.ts'
import { Interrupted } from '../../../../../server/replication/interrupted.ts'
import { thisMoment } from '../../../../../server/replication/moment.ts'

const times = { lease: 600, heartbeat: 60, leaseMargin: 250 }
const open = (renew: (rows: readonly string[]) => Promise<(row: string) => 'held' | Interrupted>): Leases<string> => {
  const leases = createLeases<string>({ times, renew, onError: () => undefined })
  onTestFinished(() => leases.stop())
  return leases
}
const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))

test('work under a lease goes on while it is prolonged', async () => {
  let renewals = 0
  const leases = open(async () => {
    renewals++
    return () => 'held'
  })
  const lease = leases.hold('a', thisMoment())
  while (renewals < 15) await new Promise((resolve) => setTimeout(resolve, 5)) // longer than the lease itself
  expect(lease.signal.aborted).toBe(false)
})

test('work is aborted before its lease can end when it cannot be prolonged', async () => {
  const leases = open(() => Promise.reject(new Error('the database is away')))
  const began = performance.now()
  const lease = leases.hold('a', thisMoment())
  expect(await aborted(lease.signal)).toMatchObject({ reason: 'lease' })
  expect(performance.now() - began).toBeLessThan(times.lease)
})

test('a lease counts from when it was asked for, however late the answer comes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let sentAt: number | undefined
  const leases = open(async () => {
    if (sentAt !== undefined) throw new Error('the database is away')
    sentAt = performance.now()
    await new Promise((resolve) => setTimeout(resolve, times.leaseMargin + 10))
    return () => 'held'
  })
  let abortedAt: number | undefined
  const lease = leases.hold('a', thisMoment())
  lease.signal.addEventListener('abort', () => {
    abortedAt = performance.now()
  })
  await vi.advanceTimersByTimeAsync(2 * times.lease)
  if (sentAt === undefined || abortedAt === undefined) throw new Error('it is held for ever')
  expect(abortedAt - sentAt).toBeGreaterThan(times.lease - times.leaseMargin)
  expect(abortedAt - sentAt).toBeLessThan(times.lease)
})

test('work whose row was taken by another is aborted at the next look', async () => {
  const leases = open(async () => (row) => (row === 'taken' ? new Interrupted('superseded') : 'held'))
  const lease = leases.hold('taken', thisMoment())
  const other = leases.hold('mine', thisMoment())
  leases.check()
  expect(await aborted(lease.signal)).toMatchObject({ reason: 'superseded' })
  expect(other.signal.aborted).toBe(false)
})

test('a look that is asked for while one is under way comes after it', async () => {
  const first = Promise.withResolvers<void>()
  let looks = 0
  const leases = open(async () => {
    const nth = ++looks
    if (nth === 1) await first.promise
    return () => (nth === 1 ? 'held' : new Interrupted('superseded'))
  })
  const lease = leases.hold('a', thisMoment())
  const began = performance.now()
  leases.check()
  leases.check() // what the first one reads may be older than what this one is about
  first.resolve()
  expect(await aborted(lease.signal)).toMatchObject({ reason: 'superseded' })
  expect(performance.now() - began, 'not by the next heartbeat').toBeLessThan(times.heartbeat)
})

test('a lease may have ended while the machine slept, and one that was prolonged holds though a clock was set back', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const leases = open(async () => () => 'held')
  const lease = leases.hold('a', thisMoment())
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(lease.holds()).toBe(true)
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  expect(lease.holds()).toBe(false)
})
