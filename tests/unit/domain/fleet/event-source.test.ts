import { describe, expect, test } from 'vitest'
import { type EventFacts, judgeEvents, subscribes } from '../../../../server/domain/fleet/event-source.ts'
import { lastHeard, storeEventHints, storeStanding } from '../../../../server/domain/fleet/say-events.ts'

const facts = (more: Partial<EventFacts> = {}): EventFacts => ({
  setting: 'external',
  offered: false,
  heardAt: null,
  untoldAt: null,
  ...more,
})

test.each([
  [{ setting: 'none', offered: true, heardAt: 9 }, 'none'],
  [{ setting: 'auto', offered: false, heardAt: 9 }, 'none'],
  [{ setting: 'auto', offered: true }, 'believed'],
  [{ setting: 'external' }, 'unheard'],
  [{ setting: 'external', heardAt: 1 }, 'believed'],
  [{ setting: 'external', heardAt: 1, untoldAt: 2 }, 'silent'],
  [{ setting: 'external', untoldAt: 2 }, 'silent'],
  [{ setting: 'auto', offered: true, untoldAt: 2 }, 'silent'],
  [{ setting: 'external', heardAt: 3, untoldAt: 2 }, 'believed'],
  [{ setting: 'external', heardAt: 2, untoldAt: 2 }, 'believed'],
] as const)('%j is %s', (more, standing) => {
  expect(judgeEvents(facts(more))).toBe(standing)
})

test('FaDO subscribes where it may and can', () => {
  const all = (['auto', 'external', 'none'] as const).flatMap((setting) =>
    [true, false].map((offered) => ({ setting, offered })),
  )
  expect(all.filter(subscribes)).toEqual([{ setting: 'auto', offered: true }])
})

describe('of a store', () => {
  const store = (buckets: readonly Partial<EventFacts>[], more: Partial<EventFacts> = {}) => ({
    ...{ store: 'cloud', setting: 'external' as const, offered: false, ...more },
    buckets: buckets.map((one, i) => ({
      ...facts({ ...more, ...one }),
      bucket: `b${i}`,
      heardFrom: one.heardAt ? ('sns' as const) : null,
    })),
  })
  test('the worst of its buckets counts, and who is not believed is named with what to look at', () => {
    const mixed = store([{ heardAt: 5 }, {}, { untoldAt: 3 }, { heardAt: 7 }])
    expect(storeStanding(mixed)).toBe('silent')
    expect(lastHeard(mixed)?.bucket).toBe('b3')
    expect(storeEventHints(mixed).map(({ code, message }) => `${code} ${message}`)).toEqual([
      'EVENTS_SILENT Nobody told of changes in b2: its events are not believed until the next one, and meanwhile it is looked at in turns, twice within max_staleness. Look at what sends them: fado store events cloud prints the settings',
      'EVENTS_UNHEARD No event ever arrived of b1: until the first, looked at in turns, twice within max_staleness. Look at what sends them: fado store events cloud prints the settings',
    ])
  })
  test('of which all is well nothing is said', () => {
    expect(storeEventHints(store([{ heardAt: 5 }]))).toEqual([])
    expect(storeStanding(store([{ heardAt: 5 }]))).toBe('believed')
    expect(storeStanding(store([], { setting: 'auto', offered: true }))).toBe('believed')
  })
  test('without a bucket or a source it is said what one would begin with', () => {
    expect(storeStanding(store([]))).toBe('unheard')
    expect(storeEventHints(store([], { setting: 'auto' }))).toMatchObject([{ code: 'EVENTS_NONE' }])
  })
})
