// When stores are probed, and by what.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StoreProbe } from '../../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../../support/eventually.ts'
import { ill, masterOn, monitor, silent, well } from '../../../support/health-monitor.ts'

test('while a store is silent it is asked again as soon as it has missed, so three misses take three time-outs', async () => {
  const timeoutMs = 500
  let endedAt = 0
  const pauses: number[] = []
  const { health } = await monitor({ calm: 60, suspicious: timeoutMs / 1000 }, async () => {
    if (endedAt > 0) pauses.push(performance.now() - endedAt)
    await delay(timeoutMs)
    endedAt = performance.now()
    return ill(silent)
  })
  await eventually('it is down', async () => (await health()) === 'unhealthy')
  expect(pauses).toHaveLength(2)
  expect(Math.max(...pauses)).toBeLessThan(timeoutMs * 0.8)
})

test('what a mover meets is probed at once', async () => {
  let ok = true
  let probes = 0
  const { health, pool } = await monitor({ calm: 60, suspicious: 0.01 }, async () => {
    probes++
    return ok ? well : ill(silent)
  })
  await eventually('it was probed', () => probes === 1)
  ok = false
  pool.wake('store')
  await eventually('it is down', async () => (await health()) === 'unhealthy', 5)
})

test('calm probes are spread, each begins at its own moment; those that were asked for, and those that follow a miss, are not', async () => {
  const spread: number[] = []
  let answer: StoreProbe = well
  const starts: number[] = []
  const calm = 0.4
  const { wakeups: _, pool } = await monitor(
    { calm, suspicious: 0.01 },
    async () => {
      starts.push(performance.now())
      return answer
    },
    { stores: 2, random: () => (spread.length === 0 ? 0 : (spread.shift() ?? 0)) },
  )
  const gap = (from: number) => (starts[from + 1] ?? 0) - (starts[from] ?? 0)
  await eventually('the first round is over', () => starts.length === 2)
  expect(gap(0)).toBeLessThan(50)
  spread.push(0, 1)
  await eventually('the next one too', () => starts.length === 4)
  expect(gap(2)).toBeGreaterThan(calm * 250 - 30)
  spread.push(0, 1)
  pool.wake('store')
  await eventually('one that was asked for', () => starts.length === 6)
  expect(gap(4)).toBeLessThan(50)
  answer = ill(silent)
  spread.splice(0)
  await eventually('one with misses', () => starts.length >= 8)
  spread.push(0, 1)
  await eventually('and the one after it', () => starts.length >= 10)
  expect(gap(8)).toBeLessThan(50)
})

test('of its buckets a store is probed by those that FaDO uses', async () => {
  const asked: (readonly string[])[] = []
  const started = await monitor({ calm: 0.01, suspicious: 0.01 }, async ({ buckets }) => {
    asked.push(buckets)
    return well
  })
  await masterOn(started)
  await eventually('it is asked for the bucket', () => asked.at(-1)?.includes('photos'))
  await started.pool.query(`UPDATE bucket SET state = 'deleting'`)
  await eventually('it is not asked for what is being deleted', () => asked.at(-1)?.length === 0)
})
