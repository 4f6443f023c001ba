import { describe, expect, test } from 'vitest'
import { attention } from '../../../app/_lib/attention.ts'
import { isNotice } from '../../../app/_lib/attention-item.ts'
import { plain } from '../../../app/_lib/parts.ts'
import { noEventsWords, requestWords, sweepSentence, turnWords } from '../../../app/_lib/sweeps.ts'
import { bucketSentence } from '../../../app/_lib/words.ts'
import { bucket, cluster, replica } from './fixtures.ts'

const noon = new Date('2026-11-24T12:00:00Z')
const read = (parts: Parameters<typeof plain>[0]) => plain(parts).replaceAll('\u00a0', ' ')
const { master } = bucket()
const swept = (lastVerifiedAt: string | null, maxStaleness = 60) =>
  bucket({
    master: { ...master, lastVerifiedAt, events: { state: 'NONE', silentSince: null } },
    replicas: [replica('edge')],
    policies: [{ name: 'max_staleness', value: maxStaleness, source: { kind: 'DEFAULT', name: null } }],
  })

describe('a bucket whose master sends no events', () => {
  test('is in sync as of the last look, and said to be so', () => {
    const said = (at: string) => read(bucketSentence(swept(at), [], noon))
    expect(said('2026-11-24T11:59:48Z')).toBe('Master on hpc, in sync on edge as of 12 s ago.')
    expect(said('2026-11-24T11:59:59Z')).toBe('Master on hpc, in sync on edge as of now.')
  })
  test.each([
    [60, '30 s'],
    [1, '1 s'],
    [86_400, '15 min'],
  ])('with max_staleness %d s knows of a change within %s', (staleness, within) => {
    expect(read(sweepSentence(swept(null, staleness)) ?? [])).toContain(`a change is found within ${within},`)
  })
  test('one that sends events needs no such words', () => {
    expect(sweepSentence(bucket())).toBeNull()
    expect(read(bucketSentence(bucket({ replicas: [replica('edge')] }), [], noon))).toBe(
      'Master on hpc, in sync on edge.',
    )
    expect(noEventsWords({ eventSource: 'WEBHOOK' })).toEqual([])
  })
})

describe('how often a copy is compared', () => {
  const { storageDeployment } = master
  const sweep = (everySeconds: number, nextAt: string | null, requestsPerDay = 0) => ({
    ...{ storageDeployment, isMaster: true, everySeconds, nextAt, turnSeconds: 0, requestsPerDay },
    reason: { code: 'SWEEP_SETTLED', message: 'Enough' },
  })
  const words = (...args: Parameters<typeof sweep>) => turnWords(sweep(...args), noon).replaceAll('\u00a0', ' ')
  test('is said with when the next is due, and now while one goes on or is late', () => {
    expect(words(23_400, '2026-11-24T14:00:30Z')).toBe('Every 6 h 30 min, next in 2 h.')
    expect(words(60, null)).toBe('Every 1 min, next now.')
    expect(words(60, '2026-11-24T11:00:00Z')).toBe('Every 1 min, next now.')
  })
  test('costs what all copies cost together, rounded up', () => {
    expect(requestWords([sweep(60, null, 22.2), sweep(60, null, 25.9)])).toBe('at most 49 requests a day at this pace')
    expect(requestWords([sweep(60, null, 0.5)])).toBe('at most 1 request a day at this pace')
  })
})

describe('a store that sends no events', () => {
  const hpc = cluster('hpc')
  const silent = {
    ...hpc,
    storageDeployments: hpc.storageDeployments.map((one) => ({ ...one, eventSource: 'SWEEP' as const })),
  }
  const noticed = (buckets: Parameters<typeof attention>[0]['seen']['buckets'], total: number) =>
    attention({
      clusters: [silent],
      buckets: [],
      troubleIsWhole: true,
      closed: undefined,
      replicas: [],
      links: [],
      held: new Map(),
      proxies: undefined,
      seen: { buckets, total },
    })
  test('is a notice where a bucket has its master, not an alarm', () => {
    const [first, ...rest] = noticed([swept(null)], 1)
    expect(rest).toEqual([])
    expect(first && isNotice(first)).toBe(true)
    expect(first && [plain(first.what), first.why]).toEqual([
      'Store hpc sends no events',
      '1 bucket with its master there is looked at in turns: a change is found within half of max_staleness.',
    ])
  })
  test('is none of anybody\u2019s business while no master lies there', () => {
    expect(noticed([], 0)).toEqual([])
  })
  test('is told without a number where not all buckets were read', () => {
    expect(noticed([], 500)[0]?.why).toMatch(/^Buckets with their master there are looked at/)
  })
})

describe('a store whose events are not believed', () => {
  const told = (state: 'SILENT' | 'UNHEARD') => {
    const hpc = cluster('hpc')
    const hints = [{ code: `EVENTS_${state}`, message: 'Nobody told of changes in photos' }]
    const stores = hpc.storageDeployments.map((one) => ({ ...one, events: { ...one.events, state, hints } }))
    return attention({
      clusters: [{ ...hpc, storageDeployments: stores }],
      buckets: [],
      troubleIsWhole: true,
      closed: undefined,
      replicas: [],
      links: [],
      held: new Map(),
      proxies: undefined,
      seen: { buckets: [], total: 0 },
    })
  }
  test('needs a person where changes passed untold, and is a notice where none ever came', () => {
    expect(told('SILENT').map((one) => [plain(one.what), one.why, isNotice(one)])).toEqual([
      ['Store hpc changes and does not tell', 'Nobody told of changes in photos.', false],
    ])
    expect(told('UNHEARD').map((one) => [plain(one.what), isNotice(one)])).toEqual([
      ['Store hpc has told nothing yet', true],
    ])
  })
  test.each([
    ['SILENT', 'hpc did not tell of changes in this bucket, so its events are not believed until the next one'],
    ['UNHEARD', 'No event of this bucket ever arrived from hpc'],
    ['NONE', 'hpc sends no events'],
  ] as const)('says so at a bucket: %s', (state, words) => {
    const said = sweepSentence(bucket({ master: { ...master, events: { state, silentSince: null } } }))
    expect(read(said ?? [])).toContain(words)
  })
})
