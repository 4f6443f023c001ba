import { expect, test } from 'vitest'
import { aboutWhen } from '../../../../server/domain/forecast/about-when.ts'
import { nothing } from '../../../../server/domain/forecast/amount.ts'
import { reasonOfWaiting } from '../../../../server/domain/waiting/say-waiting.ts'
import { isHeldUp, type WaitingFacts, whyWaiting } from '../../../../server/domain/waiting/why-waiting.ts'

/** A copy in order, for which ten objects are due. */
const facts: WaitingFacts = {
  bucket: 'photos',
  store: 'edge',
  master: 'hpc',
  masterBucket: 'photos',
  wanted: true,
  observed: 'complete',
  isCounted: false,
  inMaster: { objects: 500, bytes: 5_000 },
  bucketPaused: false,
  linkPaused: false,
  closed: [],
  closing: null,
  narrowing: false,
  unserved: false,
  masterStop: null,
  masterProblem: null,
  problem: null,
  braked: 0,
  task: null,
  due: { objects: 10, bytes: 1_000, oldestSeconds: 1 },
  failed: { ...nothing, tries: 0, seconds: 0, failure: null },
  later: { ...nothing, seconds: 0 },
  worked: nothing,
  others: [],
  link: { moving: 3, bytesUnderWay: 0, objectsPerSecond: null, bytesPerSecond: null, limit: null },
}
const busy = { ...facts.link, bytesPerSecond: 100 }
const others = [
  { objects: 400, bytes: 19_000 },
  { objects: 12, bytes: 0 },
]
const none = { ...nothing, oldestSeconds: null }
const failure = { store: 'edge', error: 'server-error', detail: 'the disk is full' }
const [noon, evening] = [Date.parse('2026-07-01T12:00:00Z'), Date.parse('2026-07-01T22:00:00Z')]
const ten = { objects: 10, bytes: 1_000 }

type Case = readonly [name: string, more: Partial<WaitingFacts>, expected: readonly object[]]
const cases: readonly Case[] = [
  ['nothing waits', { due: none }, []],
  ['the bucket is paused', { bucketPaused: true }, [{ ...ten, code: 'BUCKET_PAUSED', etaSeconds: null }]],
  ['the link is paused', { linkPaused: true }, [{ ...ten, code: 'LINK_PAUSED' }]],
  [
    'both are paused: both have to go',
    { bucketPaused: true, linkPaused: true },
    [
      { ...ten, code: 'BUCKET_PAUSED' },
      { ...ten, code: 'LINK_PAUSED' },
    ],
  ],
  [
    'paused before anything was compared',
    { bucketPaused: true, observed: 'absent', due: none },
    [{ objects: 500, bytes: 5_000, code: 'BUCKET_PAUSED' }],
  ],
  ['paused, and nothing waits', { bucketPaused: true, due: none }, []],
  ['a change is not decided', { narrowing: true }, [{ ...ten, code: 'NARROWING_UNDECIDED' }]],
  [
    'no mover serves the link',
    { unserved: true },
    [
      {
        ...{ ...ten, code: 'NO_MOVER' },
        message: 'No mover serves the link hpc -> edge: start one without --links, or with this one among them',
      },
    ],
  ],
  ['the master is missing', { masterStop: 'missing' }, [{ ...ten, code: 'MASTER_MISSING' }]],
  ['the master is another one', { masterStop: 'replaced' }, [{ ...ten, code: 'MASTER_REPLACED' }]],
  ["the master's store is down", { masterProblem: 'unreachable' }, [{ ...ten, code: 'STORE_UNREACHABLE' }]],
  ['the store is down', { problem: 'timeout' }, [{ ...ten, code: 'STORE_UNREACHABLE' }]],
  [
    'the store is down, and a key tries it',
    { problem: 'timeout', due: none, worked: ten },
    [{ ...ten, code: 'STORE_UNREACHABLE', etaSeconds: null }],
  ],
  [
    "the master's store is down, and one of the keys tries it",
    { masterProblem: 'timeout', worked: { objects: 1, bytes: 50 } },
    [{ objects: 11, bytes: 1_050, code: 'STORE_UNREACHABLE' }],
  ],
  ['the link is paused, and a mover ends what it had begun', { linkPaused: true, due: none, worked: ten }, []],
  ['the store asks to be spared', { problem: 'slow-down' }, [{ ...ten, code: 'STORE_BUSY' }]],
  ['the copy has no bucket yet', { observed: 'creating' }, [{ ...ten, code: 'COPY_NOT_MADE' }]],
  [
    'the copy cannot be made',
    { observed: 'failed', task: { kind: 'call', ...failure } },
    [{ ...ten, code: 'CALL_FAILED', message: 'edge: the disk is full' }],
  ],
  [
    'some failed',
    { due: none, failed: { ...ten, tries: 3, seconds: 40, failure } },
    [{ ...ten, code: 'TRIED_AGAIN', etaSeconds: 40, message: 'Retry 3 in 40 s because edge: the disk is full' }],
  ],
  [
    'a comparison is to decide',
    { due: none, later: { ...ten, seconds: 12 } },
    [{ ...ten, code: 'LOOKED_AT_LATER', etaSeconds: 12 }],
  ],
  [
    'nothing but others',
    { link: busy, others },
    [
      {
        ...ten,
        code: 'LINK_BUSY',
        etaSeconds: 20,
        message: 'Waits for its turn on the link hpc -> edge beside 412 objects of other buckets',
      },
    ],
  ],
  [
    'a limit',
    { link: { ...busy, limit: { cluster: 'north', bytesPerSecond: 50, opens: null } } },
    [{ ...ten, code: 'BANDWIDTH_LIMIT', etaSeconds: 20 }],
  ],
  [
    'what passes outside of a window',
    {
      link: {
        ...busy,
        limit: { cluster: 'north', bytesPerSecond: 50, opens: { zone: 'UTC', until: evening, at: noon } },
      },
    },
    [
      {
        ...{ ...ten, code: 'BANDWIDTH_LIMIT' },
        message:
          'The bandwidth limit of the cluster north is 50 bytes per second until 22:00 (UTC), when its window opens',
      },
    ],
  ],
  [
    'windows of both ends are closed',
    {
      closed: [
        { cluster: 'north', zone: 'Europe/Berlin', until: evening, at: noon },
        { cluster: 'south', zone: 'UTC', until: null, at: noon },
      ],
    },
    [
      {
        ...{ ...ten, code: 'WINDOW_CLOSED', etaSeconds: 10 * 3_600 },
        message: 'The window of north is closed until 00:00 (Europe/Berlin)',
      },
      {
        ...{ ...ten, code: 'WINDOW_CLOSED', etaSeconds: null },
        message: 'The window of south is closed until its replication_window is changed',
      },
    ],
  ],
  [
    'no mover',
    { due: { ...ten, oldestSeconds: 61 }, link: { ...busy, moving: 0 } },
    [{ ...ten, code: 'NO_MOVER', etaSeconds: null }],
  ],
  ['the brake holds deletes', { due: none, braked: 7 }, [{ objects: 7, bytes: 0, code: 'DELETES_BRAKED' }]],
  [
    'several things at once',
    { braked: 7, failed: { ...ten, tries: 1, seconds: 2, failure: null } },
    [{ code: 'TRIED_AGAIN' }, { code: 'LINK_BUSY' }, { code: 'DELETES_BRAKED' }],
  ],
  ['the copy is not wanted any more', { wanted: false, bucketPaused: true }, []],
]

test.each(cases)('%s', (_name, more, expected) => {
  const said = whyWaiting({ ...facts, ...more }).map(({ why, ...rest }) => ({ ...rest, ...reasonOfWaiting(why) }))
  expect(said).toMatchObject(expected)
  expect(said.length).toBe(expected.length)
})

const pace = { ...facts.link, bytesPerSecond: 100, objectsPerSecond: 5 }
const etas: readonly (readonly [name: string, more: Partial<WaitingFacts>, seconds: number | null])[] = [
  ['bytes that take longer than their number', { link: pace }, 10],
  ['objects that take longer than their bytes', { link: { ...pace, objectsPerSecond: 0.5 } }, 20],
  [
    'what of it passed already',
    { link: { ...pace, bytesUnderWay: 300 }, due: none, worked: { objects: 3, bytes: 500 } },
    2,
  ],
  [
    'what passed of other copies is not taken for its own',
    { link: { ...pace, bytesUnderWay: 4_900 }, due: none, worked: { objects: 1, bytes: 1_000 } },
    10,
  ],
  ['it is done before a window closes', { link: pace, closing: { in: 10, for: 3_600 } }, 10],
  ['a window closes before', { link: pace, closing: { in: 9, for: 3_600 } }, 3_610],
  ['a window closes for good before', { link: pace, closing: { in: 9, for: null } }, null],
  ['what movers work on is missing still', { link: pace, due: none, worked: { objects: 3, bytes: 500 } }, 5],
  [
    'sizes that nobody told',
    { link: { ...pace, bytesPerSecond: null }, due: { ...ten, bytes: 0, oldestSeconds: 1 } },
    2,
  ],
  ['one large object of which none is done yet', { link: { ...pace, objectsPerSecond: null } }, 10],
  [
    'a limit that is slower than what passed lately',
    { link: { ...pace, limit: { cluster: 'north', bytesPerSecond: 50, opens: null } } },
    20,
  ],
  ['others share the link, each with no more than this one lacks', { link: pace, others }, 20],
  ['a key that is looked at later', { link: pace, due: none, later: { ...ten, seconds: 12 } }, 12],
  ['nothing passed lately', { link: { ...pace, bytesPerSecond: null, objectsPerSecond: null } }, null],
  ['nobody works on it', { link: { ...pace, moving: 0 } }, null],
  ['nothing is missing', { link: pace, due: none }, null],
  ['an object fails', { link: pace, failed: { ...ten, tries: 3, seconds: 40, failure } }, null],
  ['it is paused, though others of its link move', { link: pace, bucketPaused: true }, null],
  ['a first copy is still being listed', { link: pace, observed: 'syncing' }, null],
  ['a first copy whose keys are all known', { link: pace, observed: 'syncing', isCounted: true }, 10],
  ['it is not wanted', { link: pace, wanted: false }, null],
]

test.each(etas)('about when a copy has all: %s', (_name, more, seconds) => {
  expect(aboutWhen({ ...facts, ...more }, isHeldUp({ ...facts, ...more }))).toBe(seconds)
})
