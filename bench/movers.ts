// Whether two movers on one database get in each other's way: how many objects they copy a second beside one. On one machine its
// cores bound both alike, so the same is measured over ways to the stores so long that waiting for them is what bounds.
import { percentile, rounded } from './figures.ts'
import { type Copied, startMover } from './mover.ts'
import type { Result } from './result.ts'
import { fill, source, startStores } from './stores.ts'
import { startWay } from './way.ts'

const asPublished = { roundTripsMs: [0, 400], objects: 8_000, bytes: 4_096, rounds: 2 }
type Options = typeof asPublished
type Stores = Awaited<ReturnType<typeof startStores>>
const teams = [1, 2] as const

/** What each team took, in turn. */
async function copyOver(roundTripMs: number, stores: Stores, { rounds }: Options): Promise<readonly Copied[][]> {
  const ways = await Promise.all(stores.map(({ endpoint }) => startWay(endpoint, { roundTripMs })))
  const [from, to] = stores.map((store, place) => ({ ...store, endpoint: ways[place]?.endpoint ?? '' })) as Stores
  const movers: Awaited<ReturnType<typeof startMover>>[] = []
  const runs: Copied[][] = teams.map(() => [])
  try {
    for (const count of teams) movers.push(await startMover(from, to, source, count))
    for (let round = 0; round < rounds; round++)
      for (const [place, team] of movers.entries())
        runs[place]?.push(await team.copy(`copy-${roundTripMs}-${teams[place]}-${round}`))
  } finally {
    for (const team of movers) await team.stop()
    for (const way of ways) await way.stop()
  }
  return runs
}

const medianOf = (runs: readonly Copied[] | undefined, of: (run: Copied) => number) =>
  percentile((runs ?? []).map(of), 0.5)

export async function movers(options: Options = asPublished): Promise<Result> {
  const { objects, bytes, rounds } = options
  const stores = await startStores()
  const rows: Record<string, string | number>[] = []
  try {
    await fill(stores[0], { objects, bytes, partBytes: null })
    for (const roundTripMs of options.roundTripsMs) {
      const runs = await copyOver(roundTripMs, stores, options)
      const perSecond = runs.map((all) => objects / medianOf(all, ({ seconds }) => seconds))
      const perObject = (all: readonly Copied[] | undefined, of: (run: Copied) => number) =>
        rounded((medianOf(all, of) * 1000) / objects, 2)
      const row: Record<string, string | number> = { 'round trip ms': roundTripMs }
      for (const [place, count] of teams.entries()) {
        row[`${count}: objects a s`] = rounded(perSecond[place] ?? 0, 0)
        row[`${count}: CPU ms an object`] = perObject(runs[place], ({ cpu }) => cpu)
        row[`${count}: PostgreSQL`] = perObject(runs[place], ({ databaseCpu = 0 }) => databaseCpu)
      }
      rows.push({ ...row, 'two of one': rounded((perSecond[1] ?? 0) / (perSecond[0] ?? 1), 2) })
    }
  } finally {
    await Promise.all(stores.map((store) => store.stop()))
  }
  return {
    rows,
    notes: [
      `${objects} objects of ${bytes} bytes from an empty bucket on, ${rounds} rounds in turn, stores in memory, PostgreSQL on disk; without a round trip the machine's cores bound both, movers, stores and PostgreSQL together`,
      'goal: two movers copy at least 1.6 times as much as one',
    ],
  }
}
