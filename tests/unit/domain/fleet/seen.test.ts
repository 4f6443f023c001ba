import { expect, test } from 'vitest'
import type { HealthBefore } from '../../../../server/domain/fleet/failback.ts'
import type { ProbeTrouble } from '../../../../server/domain/fleet/health-cause.ts'
import type { Verdict } from '../../../../server/domain/fleet/health-verdict.ts'
import { type HealthSeen, newsOfFunctions, newsOfStore, seenOf } from '../../../../server/domain/fleet/seen.ts'

const silent: ProbeTrouble = { cause: 'SILENT', detail: 'No answer', away: false }
const before = (health: HealthBefore['health'], more: Partial<HealthBefore> = {}): HealthBefore => ({
  health,
  seconds: 10,
  failbackAfter: 30,
  ...more,
})
const verdict = (state: Verdict['state'], watched = false) => ({ state, watched })

test('what is certain is kept with its cause, and what is well with none', () => {
  expect(seenOf(before('healthy'), verdict('unhealthy'), silent)).toEqual({
    health: 'unhealthy',
    anew: false,
    cause: 'SILENT',
    detail: 'No answer',
  })
  expect(seenOf(before('unhealthy'), verdict('healthy'), null)).toEqual({
    health: 'returning',
    anew: false,
    cause: null,
    detail: null,
  })
})

test('the time of what is coming back begins again where nobody saw it well before', () => {
  expect(seenOf(before('returning', { seconds: 60 }), verdict('healthy'), null)).toMatchObject({
    health: 'returning',
    anew: true,
  })
  expect(seenOf(before('returning', { seconds: 60 }), verdict('healthy', true), null)).toMatchObject({
    health: 'healthy',
    anew: false,
  })
})

test('a miss is kept only of what is coming back', () => {
  expect(seenOf(before('healthy'), verdict('missing'), silent)).toBeUndefined()
  expect(seenOf(before('returning'), verdict('missing'), silent)).toMatchObject({ health: 'unhealthy' })
})

test('a doubt leaves what is well as it is and says so; what is down stays down and says why it was', () => {
  for (const health of ['healthy', 'unknown'] as const)
    expect(seenOf(before(health), verdict('doubted'), silent)).toEqual({
      health,
      anew: false,
      cause: 'DOUBTED',
      detail: expect.stringMatching(/^No answer\. .*FaDO's own network/),
    })
  expect(seenOf(before('unhealthy'), verdict('doubted'), silent)).toBeUndefined()
})

const well: HealthSeen = { health: 'healthy', anew: false, cause: null, detail: null }
const down = { ...well, health: 'unhealthy', cause: 'SILENT' } as const
const store = { health: 'healthy', cause: null, runsSeconds: 900 } as const
const nothing = { health: false, process: false, restarted: false, gap: false }

test('a store that is as it was is no news, in other words either', () => {
  expect(newsOfStore(store, well, { uptime: 902, returned: false })).toEqual(nothing)
  const before = { ...store, health: 'unhealthy', cause: 'SILENT' } as const
  expect(newsOfStore(before, { ...down, detail: 'Still none' }, { uptime: null, returned: false })).toEqual(nothing)
})

test('another health, another cause, and a time that begins again are to be kept', () => {
  const probed = { uptime: 902, returned: false }
  const news = { ...nothing, health: true }
  expect(newsOfStore(store, { ...well, health: 'unhealthy', cause: 'SILENT' }, probed)).toEqual(news)
  expect(newsOfStore(store, { ...well, cause: 'DOUBTED' }, probed)).toEqual(news)
  expect(newsOfStore(store, { ...well, anew: true }, probed)).toEqual(news)
})

test('events may be lost where a store was away, was down, or began anew', () => {
  expect(newsOfStore(store, well, { uptime: 902, returned: true })).toEqual({ ...nothing, gap: true })
  const away = { ...store, health: 'unhealthy' } as const
  expect(newsOfStore(away, { ...well, health: 'returning' }, { uptime: 902, returned: false })).toMatchObject({
    gap: true,
  })
  const restarted = { ...nothing, process: true, restarted: true, gap: true }
  expect(newsOfStore(store, well, { uptime: 1, returned: false })).toEqual(restarted)
})

test('since when a process runs is kept once it is known, and is no gap then', () => {
  const before = { ...store, runsSeconds: null }
  expect(newsOfStore(before, well, { uptime: 1, returned: false })).toEqual({ ...nothing, process: true })
  expect(newsOfStore(before, well, { uptime: null, returned: false })).toEqual(nothing)
})

const functions = { health: 'healthy', cause: null, addresses: ['10.0.0.1'], lacksPath: false } as const

test('functions are news at other addresses or in another health; where nobody looked, they stay where they are', () => {
  const none = { any: false, lacksPath: false }
  const at = (...addresses: string[]) => newsOfFunctions(functions, well, { trouble: null, addresses })
  expect(at('10.0.0.1')).toEqual(none)
  expect(at()).toEqual(none)
  expect(at('10.0.0.1', '10.0.0.2')).toEqual({ ...none, any: true })
  expect(newsOfFunctions(functions, down, { trouble: silent, addresses: [] })).toEqual({ ...none, any: true })
})

test('what functions lack is told while they are well, and known for as long as they do not answer', () => {
  const lacking = { trouble: null, addresses: [], lacksPath: true }
  expect(newsOfFunctions(functions, well, lacking)).toEqual({ any: true, lacksPath: true })
  const before = { ...functions, lacksPath: true }
  expect(newsOfFunctions(before, well, lacking)).toMatchObject({ any: false })
  expect(newsOfFunctions(before, down, { trouble: silent, addresses: [] })).toMatchObject({ lacksPath: true })
  expect(newsOfFunctions(before, well, { trouble: null, addresses: [] })).toMatchObject({ any: true, lacksPath: false })
})
