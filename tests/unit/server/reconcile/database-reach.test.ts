import { expect, test } from 'vitest'
import { createLog } from '../../../../server/log.ts'
import { createDatabaseReach } from '../../../../server/reconcile/database-reach.ts'

function start() {
  let clock = 0
  const told: string[] = []
  const reach = createDatabaseReach({
    log: createLog('silent', 'test'),
    onLost: () => told.push('lost'),
    onBack: () => told.push('back'),
    now: () => clock * 1000,
  })
  const at = (seconds: number) => {
    clock = seconds
  }
  return { ...reach, told, at }
}

test('it is lost when it was asked in vain for half a minute, and back at the first answer; each is told once', () => {
  const { reached, missed, told, at } = start()
  for (const seconds of [100, 110, 120, 129]) {
    at(seconds)
    missed()
  }
  expect(told).toEqual([])
  at(130)
  missed()
  missed()
  expect(told).toEqual(['lost'])
  reached()
  reached()
  expect(told).toEqual(['lost', 'back'])
})

test('the time in which nobody asked is none in which it did not answer', () => {
  const { reached, missed, told, at } = start()
  reached()
  at(1_000)
  missed()
  expect(told).toEqual([])
  at(2_000)
  missed()
  expect(told, 'held up between two questions').toEqual([])
  reached()
  at(2_029)
  missed()
  expect(told).toEqual([])
})
