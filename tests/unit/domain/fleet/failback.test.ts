import { expect, test } from 'vitest'
import { type Health, type HealthBefore, nextHealth } from '../../../../server/domain/fleet/failback.ts'

const well = (health: Health, more: Partial<HealthBefore> = {}, watched = true) =>
  nextHealth({ health, seconds: 29, failbackAfter: 30, ...more }, { state: 'healthy', watched })
const is = (health: Health, anew = false) => ({ health, anew })

test('what was down takes calls when it has been well for failback_after, and with its first good probe where that is 0', () => {
  expect(well('unhealthy', { seconds: 99 })).toEqual(is('returning'))
  expect(well('returning')).toEqual(is('returning'))
  expect(well('returning', { seconds: 30 })).toEqual(is('healthy'))
  expect(well('returning', { seconds: null })).toEqual(is('returning'))
  for (const health of ['unhealthy', 'returning'] as const)
    for (const watched of [true, false])
      expect(well(health, { seconds: 0, failbackAfter: 0 }, watched)).toEqual(is('healthy'))
})

test('what nobody watched is well from its first good probe on, and comes back from then on', () => {
  expect(well('unknown', {}, false)).toEqual(is('healthy'))
  expect(well('healthy', {}, false)).toEqual(is('healthy'))
  expect(well('returning', { seconds: 99 }, false)).toEqual(is('returning', true))
})

test('one miss ends a return, and three in a row that are believed end the rest', () => {
  const miss = (health: Health, state: 'missing' | 'doubted' | 'unhealthy') =>
    nextHealth({ health, seconds: 29, failbackAfter: 30 }, { state, watched: true })
  for (const state of ['missing', 'doubted'] as const) {
    expect(miss('returning', state)).toEqual(is('unhealthy'))
    for (const health of ['unknown', 'healthy', 'unhealthy'] as const) expect(miss(health, state)).toBeUndefined()
  }
  for (const health of ['unknown', 'healthy', 'returning', 'unhealthy'] as const)
    expect(miss(health, 'unhealthy')).toEqual(is('unhealthy'))
})

test('what was not heard by a prober that was held up is no miss: what is coming back goes on', () => {
  for (const health of ['unknown', 'healthy', 'returning', 'unhealthy'] as const)
    expect(nextHealth({ health, seconds: 29, failbackAfter: 30 }, { state: 'unheard', watched: true })).toBeUndefined()
})
