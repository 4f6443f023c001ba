import { expect, test } from 'vitest'
import type { LiveReplica } from '../../../app/_lib/attention-item.ts'
import { heldOf } from '../../../app/_lib/held.ts'
import { lackingOf, replicationSentence, sourceWords } from '../../../app/_lib/links.ts'
import { plain } from '../../../app/_lib/parts.ts'
import type { HealthStatus, LinkPartsFragment, WaitingPartsFragment } from '../../../graphql/generated/operations.ts'
import { sourceReasons } from '../../../server/domain/replica/choose-source.ts'
import { reasonOfSource } from '../../../server/domain/replica/say-source.ts'
import { replica } from './fixtures.ts'

test.each(sourceReasons)(
  'why bytes come from where they come is said in a few words, and in a sentence: %s',
  (code) => {
    expect(sourceWords(code)).toMatch(/^[a-z ,:]+$/)
    const reason = reasonOfSource(code, 'hpc', 'edge')
    expect(reason).toMatchObject({ code, store: 'hpc' })
    expect(reason.message).toContain('hpc')
  },
)

test('a code of a later version is shown as it is', () => {
  expect(sourceWords('GREENER')).toBe('GREENER')
})

const copy = (state: LiveReplica['state'], objects: number, oldestSeconds = 0): LiveReplica => ({
  ...replica('edge', { state, lag: { objects, bytes: 0, heldDeletes: 0, oldestSince: null, oldestSeconds } }),
  bucket: { id: 'bucket-photos', name: 'photos', stats: null },
})
const store = (name: string, status: HealthStatus = 'HEALTHY') => ({ name, health: { status } })
const link = (change: Partial<Record<keyof LinkPartsFragment, unknown>> = {}) =>
  ({
    from: store('hpc'),
    to: store('edge'),
    pause: null,
    bytesPerSecond: null,
    movers: 1,
    copies: 1,
    moving: 0,
    comparing: null,
    waiting: { objects: 0, bytes: 0 },
    ...change,
  }) as LinkPartsFragment
const words = (...facts: Parameters<typeof replicationSentence>) =>
  plain(replicationSentence(...facts)).replaceAll('\u00a0', ' ')
const waitsFor = (objects: number) =>
  ({ id: 'waits', waiting: [{ objects }, { objects }] }) as unknown as WaitingPartsFragment
const waits = [waitsFor(1)]
const inFlight = link({ moving: 1, bytesPerSecond: 500_000 })
const queued = link({ moving: 2, waiting: { objects: 5, bytes: 9 } })

test.each([
  ['no copy lacks anything', [link()], [], [], 'Every copy has all that its master has.'],
  [
    'a large object is on its way',
    [inFlight],
    [],
    [copy('LAGGING', 1, 66)],
    '1 object is on its way. 1 copy is behind, by up to 1 min 6 s.',
  ],
  [
    'nobody moves what is missing',
    [link()],
    [],
    [copy('LAGGING', 3, 25), copy('LAGGING', 1, 4)],
    '2 copies are behind, by up to 25 s.',
  ],
  ['objects move and no copy is told to lack any', [link({ moving: 3 })], [], [], '3 objects are on their way.'],
  ['first copies are made', [link()], [], [copy('SYNCING', 9), copy('PENDING', 0)], '2 copies are not whole yet.'],
  ['deletes are held', [link()], [], [copy('LAGGING', 0), copy('FAILED', 2)], '2 copies are held up.'],
  [
    'others wait',
    [queued],
    waits,
    [copy('LAGGING', 1, 9)],
    '5 objects wait for 1 copy. 1 more copy is behind, by up to 9 s.',
  ],
  ['no copy was heard of yet', [link()], [], undefined, 'Nothing waits.'],
] as const)('copies are told as whole only when none lacks anything: %s', (_, links, waiting, copies, sentence) => {
  expect(words(links, waiting, copies && lackingOf(copies))).toBe(sentence)
})

test('while a store is down nobody knows what copies lack there, or of it', () => {
  const idle = (from: string, to: string, copies = 1) =>
    link({ from: store(from, 'UNHEALTHY'), to: store(to, 'UNHEALTHY'), copies })
  const whole = lackingOf([])
  expect(words([link({ to: store('edge', 'UNHEALTHY') }), idle('left', 'over', 0)], [], whole)).toBe(
    'As far as is known every copy has all that its master has: edge is down.',
  )
  expect(words([idle('hpc', 'edge'), idle('edge', 'hpc')], [], whole)).toBe(
    'As far as is known every copy has all that its master has: edge and hpc are down.',
  )
})

test('links that no mover serves are told, but for those that no copy needs', () => {
  const links = [link({ movers: 0 }), link({ movers: 0, copies: 0 }), link()]
  expect(words(links, [], lackingOf([copy('LAGGING', 3, 25)]))).toBe(
    '1 copy is behind, by up to 25 s. No mover serves 1 of 3 links.',
  )
})

test('what tries a store that takes nothing waits, though its link has it on the way', () => {
  const tries = link({ moving: 1, bytesPerSecond: 0.2 })
  expect(words([tries], [waitsFor(7)], undefined)).toBe('7 objects wait for 1 copy.')
})

test('a link that is paused is told after what waits', () => {
  const paused = { ...queued, bytesPerSecond: 19_000, pause: { by: 'admin', since: '' } }
  expect(words([paused], waits, undefined)).toBe('19 kB/s on the way, 5 objects wait for 1 copy. 1 link is paused.')
})

test('what somebody ordered holds a copy, what only takes its time does not', () => {
  const wait = (code: string, message: string) => ({
    reason: { code, message, store: null },
    objects: 1,
    bytes: 1,
  })
  const pause = wait('LINK_PAUSED', 'the link a -> b is paused')
  const turn = wait('LINK_BUSY', 'waits for its turn')
  const held = heldOf([
    { id: 'paused', waiting: [pause, turn] },
    { id: 'moves', waiting: [turn] },
  ])
  expect([...held]).toEqual([['paused', 'The link a -> b is paused.']])
})
