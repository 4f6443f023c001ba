// Simulated time: how often a store or function deployment that comes and goes moves the routes that it is in.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Health, nextHealth } from '../../server/domain/fleet/failback.ts'
import { judge, unjudged } from '../../server/domain/fleet/health-verdict.ts'

const refused = { cause: 'UNREACHABLE', detail: 'refused', away: true } as const
type Life = { readonly isUp: (second: number) => boolean; readonly failbackAfter: number; readonly until: number }

/** One row of the database and the monitor over it: what it was at each probe, which come as the monitor's do. */
function live({ isUp, failbackAfter, until }: Life, offset = 0, restartAt = Number.POSITIVE_INFINITY) {
  const seen: { at: number; health: Health }[] = []
  let row: { health: Health; since: number } = { health: 'healthy', since: 0 }
  let judged = unjudged
  let restarted = false
  for (let at = offset; at < until; ) {
    if (at >= restartAt && !restarted) {
      judged = unjudged
      restarted = true
    }
    const results = new Map([['x', isUp(at) ? null : refused]])
    const round = judge(judged, { results, begunAt: at * 1000, endedAt: at * 1000 })
    judged = round.judged
    const verdict = round.verdicts.get('x')
    const next = verdict && nextHealth({ health: row.health, seconds: at - row.since, failbackAfter }, verdict)
    if (next && (next.anew || next.health !== row.health)) row = { health: next.health, since: at }
    seen.push({ at, health: row.health })
    at += verdict?.state === 'missing' ? 1 : 2
  }
  return seen
}

/** How often what others see of it changes: whether it is in a route that others serve, too. */
const moves = (seen: readonly { readonly health: Health }[]): number =>
  seen.filter(({ health }, n) => n > 0 && (health === 'healthy') !== (seen[n - 1]?.health === 'healthy')).length

test('what is up for 10 s and down for 10 s moves a route at most twice in 30 minutes, and its return in the end counts', () => {
  for (const offset of [0, 0.3, 0.7, 1.1, 1.9]) {
    const flapping = live({ isUp: (s) => s >= 1800 || s % 20 < 10, failbackAfter: 30, until: 1900 }, offset)
    expect(moves(flapping)).toBe(2)
    expect(flapping.at(-1)?.health).toBe('healthy')
    const back = flapping.findLast(({ health }) => health !== 'healthy')?.at ?? 0
    expect(back).toBeGreaterThan(1800)
    expect(back).toBeLessThan(1836)
    expect(moves(live({ isUp: (s) => s % 20 < 10, failbackAfter: 0, until: 1800 }, offset))).toBeGreaterThan(100)
  }
})

test('whatever it does: it leaves with its third miss at the latest, and comes back only when it was well for long enough without a miss', () => {
  const spans = fc.array(fc.record({ up: fc.integer({ min: 1, max: 60 }), down: fc.integer({ min: 1, max: 20 }) }), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(
      spans,
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 900 }),
      (list, failbackAfter, restartAt) => {
        const turns = list.flatMap(({ up, down }) => [
          ...Array<boolean>(up).fill(true),
          ...Array<boolean>(down).fill(false),
        ])
        const isUp = (second: number) => turns[Math.floor(second)] ?? true
        const seen = live({ isUp, failbackAfter, until: turns.length + 100 }, 0, restartAt)
        for (const [n, { at, health }] of seen.entries()) {
          const before = seen[n - 1]?.health
          const probes = seen.slice(0, n + 1).map((one) => isUp(one.at))
          if (health === 'healthy' && before !== undefined && before !== 'healthy') {
            const well = seen.slice(0, n + 1).findLastIndex((one) => !isUp(one.at)) + 1
            expect(at - (seen[well]?.at ?? 0)).toBeGreaterThanOrEqual(failbackAfter)
          }
          if (health === 'unhealthy') expect(probes.at(-1)).toBe(false)
          if (health === 'returning') expect(probes.at(-1)).toBe(true)
          // Whoever judges from then on has to see three misses itself.
          const judgedByOne = restartAt < (seen[n - 2]?.at ?? 0) || restartAt > at
          if (health === 'healthy' && n >= 2 && judgedByOne) expect(probes.slice(-3)).toContain(true)
        }
        expect(seen.at(-1)?.health).toBe('healthy')
      },
    ),
  )
})

test('what is new comes in at once, and what nobody watched meanwhile waits anew', () => {
  const next = (health: Health, seconds: number, watched: boolean) =>
    nextHealth({ health, seconds, failbackAfter: 30 }, { state: 'healthy', watched })
  expect(next('unknown', 0, false)).toEqual({ health: 'healthy', anew: false })
  expect(next('returning', 40, true)).toEqual({ health: 'healthy', anew: false })
  expect(next('returning', 40, false)).toEqual({ health: 'returning', anew: true })
  expect(next('returning', 29, true)).toEqual({ health: 'returning', anew: false })
})
