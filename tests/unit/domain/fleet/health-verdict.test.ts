import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProbeTrouble } from '../../../../server/domain/fleet/health-cause.ts'
import { judge, mayBeOurs, unjudged, type Verdict } from '../../../../server/domain/fleet/health-verdict.ts'

const silent: ProbeTrouble = { cause: 'SILENT', detail: 'no answer', away: false }
const refused: ProbeTrouble = { cause: 'UNREACHABLE', detail: 'the connection is refused', away: true }
const cut: ProbeTrouble = { cause: 'UNREACHABLE', detail: 'the connection was cut', away: false }
const failing: ProbeTrouble = { cause: 'FAILING', detail: 'It answers 500', away: false }
const keyRefused: ProbeTrouble = { cause: 'KEY_REFUSED', detail: 'It refuses the key', away: false }
const well = null

/** What one result per thing and round comes to, round by round; a round begins each second and lasts as long. */
function rounds(list: readonly (readonly (ProbeTrouble | null)[])[]): (readonly Verdict[])[] {
  let judged = unjudged
  return list.map((results, second) => {
    const round = judge(judged, {
      results: new Map(results.map((result, n) => [`${n}`, result])),
      begunAt: second * 1000,
      endedAt: second * 1000 + 1000,
    })
    judged = round.judged
    return [...round.verdicts.values()]
  })
}
const states = (list: readonly (readonly (ProbeTrouble | null)[])[]) =>
  rounds(list).map((round) => round.map((verdict) => verdict.state))
const last = (list: readonly (readonly (ProbeTrouble | null)[])[]) => states(list).at(-1)
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one)

test.each([silent, refused, failing, keyRefused])('three misses in a row mean down, fewer do not: $cause', (miss) => {
  expect(last([[miss], [miss]])).toEqual(['missing'])
  expect(last([[miss], [miss], [miss]])).toEqual(['unhealthy'])
  expect(last([[miss], [miss], [well], [miss], [miss]])).toEqual(['missing'])
})
test('one success brings it back', () => expect(last([...times(4, [silent]), [well]])).toEqual(['healthy']))

test.each<[string, boolean, (ProbeTrouble | null)[]]>([
  ['3 of 5 silent', true, [silent, silent, silent, well, well]],
  ['all of 5 silent', true, times(5, silent)],
  ['3 of 6 silent: not more than half', false, [...times(3, silent), ...times(3, well)]],
  ['4 of 4 silent: too few to tell', false, times(4, silent)],
  ['3 of 5 refuse', false, [refused, refused, refused, well, well]],
  ['3 of 5 fail', false, [failing, failing, failing, well, well]],
  ['4 of 5 silent, the fifth refuses', false, [...times(4, silent), refused]],
  ['4 of 5 silent, the fifth refuses the key', false, [...times(4, silent), keyRefused]],
  ['all are well', false, times(5, well)],
])('doubt of our own network: %s', (_, expected, results) => expect(mayBeOurs(results)).toBe(expected))

test('with 3 of 5 refusing, the three are down after three rounds', () => {
  const round = [refused, failing, cut, well, well]
  expect(last(times(3, round))).toEqual(['unhealthy', 'unhealthy', 'unhealthy', 'healthy', 'healthy'])
})

test('where most are silent at once, they are doubted for 10 s and then down', () => {
  const seen = states(times(12, [silent, silent, silent, well, well])).map(([first]) => first)
  // The round that ends at the tenth second is the first to be believed.
  expect(seen).toEqual([...times(2, 'missing'), ...times(7, 'doubted'), ...times(3, 'unhealthy')])
})

test('what was believed stays so while they are silent, and what answers is well at once', () => {
  const most = [silent, silent, silent, well, well]
  expect(last([...times(10, most), [well, silent, silent, silent, well]])).toEqual([
    'healthy',
    'unhealthy',
    'unhealthy',
    'missing',
    'healthy',
  ])
})

test('the doubt ends with the first that refuses, and a later one begins anew', () => {
  const most = [silent, silent, silent, well, well]
  expect(last([...times(5, most), [silent, silent, silent, refused, well]])).toEqual([
    'unhealthy',
    'unhealthy',
    'unhealthy',
    'missing',
    'healthy',
  ])
  expect(last([...times(8, most), times(5, well), ...times(8, most)])?.[0]).toBe('doubted')
})

test('what was down before the doubt stays down', () => {
  expect(last([...times(3, [silent, well, well, well, well]), [silent, silent, silent, well, well]])?.[0]).toBe(
    'unhealthy',
  )
})

test('nobody listening, or three misses, are a sign of lost events, told with the next answer, once; a connection that ends is none', () => {
  const returned = (list: (ProbeTrouble | null)[]) =>
    rounds(list.map((one) => [one])).map((round) => round[0]?.returned)
  expect(returned([well, refused, silent, well, well])).toEqual([false, false, false, true, false])
  expect(returned([well, cut, silent, well])).toEqual([false, false, false, false])
  expect(returned([cut, silent, failing, well, well])).toEqual([false, false, false, true, false])
})

test('it is told when the round began in which it last was well before', () => {
  const list = [well, well, refused, silent, well, well]
  const before = rounds(list.map((one) => [one])).map((round) => round[0]?.wellBefore)
  expect(before).toEqual([null, 0, 1_000, 1_000, 1_000, 4_000])
})

test('what nobody probed for ten seconds was not watched, nor what was never well', () => {
  const at = [0, 2_000, 12_000, 22_001, 24_000]
  let judged = unjudged
  const watched = at.map((begunAt) => {
    const round = judge(judged, { results: new Map([['x', well]]), begunAt, endedAt: begunAt + 100 })
    judged = round.judged
    return round.verdicts.get('x')?.watched
  })
  expect(watched).toEqual([false, true, true, false, true])
  expect(rounds([[silent], [well], [well]]).map((round) => round[0]?.watched)).toEqual([false, false, true])
})

test('whatever happens: only misses take down, refusals after three at the latest, silence after ten seconds', () => {
  const results = fc.array(fc.constantFrom(well, silent, refused, failing), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(results, { minLength: 1, maxLength: 30 }), (list) => {
      const seen = states(list)
      for (const [n, round] of seen.entries())
        for (const [id, state] of round.entries()) {
          const past = list.slice(0, n + 1).map((one) => one[id] ?? null)
          const misses = past.length - 1 - past.lastIndexOf(null)
          if (state === 'healthy') expect(misses).toBe(0)
          else expect(misses).toBeGreaterThan(0)
          if (state === 'unhealthy') expect(misses).toBeGreaterThanOrEqual(3)
          if (state === 'doubted') expect(past.at(-1)).toBe(silent)
          if (misses >= 3 && past.at(-1) !== silent) expect(state).toBe('unhealthy')
          if (misses >= 10) expect(state).toBe('unhealthy')
        }
    }),
  )
})

test('silence is no miss to a prober that was held up, for half a minute; all else is', () => {
  let judged = unjudged
  const seen = Array.from({ length: 34 }, (_, second) => {
    const round = judge(judged, {
      results: new Map([
        ['silent', silent],
        ['refused', refused],
        ['well', well],
      ]),
      begunAt: second * 1000,
      endedAt: second * 1000 + 1000,
      heldUp: true,
    })
    judged = round.judged
    return [...round.verdicts.values()].map(({ state }) => state)
  })
  expect(seen.map(([first]) => first)).toEqual([
    ...times(30, 'unheard'),
    ...times(2, 'missing'),
    ...times(2, 'unhealthy'),
  ])
  expect(seen[2]).toEqual(['unheard', 'unhealthy', 'healthy'])
})

test('who was held up begins to count when it is no more, and what was down stays so meanwhile', () => {
  const round = (heldUp: boolean, before = unjudged) =>
    judge(before, { results: new Map([['one', silent]]), begunAt: 0, endedAt: 1000, heldUp })
  const stateOf = (held: readonly boolean[]) => {
    let judged = unjudged
    let state = ''
    for (const one of held) {
      const after = round(one, judged)
      judged = after.judged
      state = after.verdicts.get('one')?.state ?? ''
    }
    return state
  }
  expect(stateOf([true, true, true, false, false])).toBe('missing')
  expect(stateOf([true, true, true, false, false, false])).toBe('unhealthy')
  expect(stateOf([false, false, false, true])).toBe('unhealthy')
})
