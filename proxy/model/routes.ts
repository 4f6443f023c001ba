// Where each bucket's calls go: the routes as they were decided, by way of a slow start where a cluster is new. A change costs
// what it changes.
import type { BucketRoute, RouteTable } from '../../server/domain/route/routing-table.ts'
import type { StartState } from '../../server/domain/route/starts.ts'
import { asDecided } from '../resources/starting.ts'
import type { RouteTables, TableEntry } from './route-tables.ts'
import { createStarts } from './starts.ts'

type Route = { readonly number: number; readonly entry: TableEntry; readonly startState: StartState }

export function createRoutes({ want, unwant }: Pick<RouteTables, 'want' | 'unwant'>, slowStartMs: () => number) {
  const routes = new Map<string, Route>()
  const starts = createStarts(slowStartMs)
  let highest = 0

  /** The bucket's calls go by what was decided from now on. Returns the table's entry when no route wanted it before. */
  function serve(bucket: string, number: number, decided: RouteTable, now: number): TableEntry | undefined {
    const before = routes.get(bucket)
    const servedSo = before && { ...before.startState, clusters: before.entry.table?.clusters ?? [] }
    const { table, startState } = starts.next(bucket, servedSo, decided, now)
    const { entry, isNew } = want(table, now)
    routes.set(bucket, { number, entry, startState })
    if (before) unwant(before.entry, now)
    return isNew ? entry : undefined
  }

  function withdraw(bucket: string, now: number) {
    const before = routes.get(bucket)
    routes.delete(bucket)
    starts.end(bucket)
    if (before) unwant(before.entry, now)
  }

  return {
    routes: routes as ReadonlyMap<string, Pick<Route, 'number' | 'entry'>>,
    /** The highest route number seen. */
    highest: () => highest,

    /** Returns the tables that became wanted. A number below the bucket's present one is an old decision: ignored. */
    setRoutes(given: readonly BucketRoute[], now: number): { changed: BucketRoute[]; wanted: TableEntry[] } {
      const changed: BucketRoute[] = []
      const wanted: TableEntry[] = []
      for (const change of given.map(wellFormed)) {
        const { bucket, number, table } = change
        const before = routes.get(bucket)
        if (before && before.number >= number) continue
        highest = Math.max(highest, number)
        changed.push(change)
        if (table === null) {
          withdraw(bucket, now)
          continue
        }
        const entry = serve(bucket, number, table, now)
        if (entry) wanted.push(entry)
      }
      return { changed, wanted }
    },

    /** Before each round of sending. Buckets whose clusters that start get more now, and the tables that became wanted. */
    grow(now: number): { grown: string[]; wanted: TableEntry[] } {
      const grown = starts.due(now)
      const wanted = grown.flatMap((bucket) => {
        const route = routes.get(bucket)
        if (!route?.entry.table) return []
        return serve(bucket, route.number, asDecided(route.entry.table), now) ?? []
      })
      return { grown, wanted }
    },

    /** When `grow` may have something to do. */
    nextGrowth: starts.nextDue,
  }
}

/** What is no UTF-8 would make a whole response unreadable, and the stream end. */
const wellFormed = (route: BucketRoute): BucketRoute =>
  route.bucket.isWellFormed() ? route : { ...route, bucket: route.bucket.toWellFormed() }
