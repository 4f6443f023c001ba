// How work on whole copies went, and how old changes were when copies had them.
import { validate } from 'uuid'
import { bucketByName } from '../../db/catalogue/buckets.ts'
import { type ConformanceRecord, conformanceOfReplicas } from '../../db/catalogue/conformance.ts'
import { listRuns, type RunRecord, type RunState } from '../../db/catalogue/replication-runs.ts'
import { storageByName } from '../../db/catalogue/storage-deployments.ts'
import type { Reason } from '../../domain/reason.ts'
import { reasonOfLate, type Within, withinBounds } from '../../domain/replica/conformance.ts'
import { reasonOfRun } from '../../domain/replica/say-run.ts'
import { notFound } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type Page, PageError, type PageInput, readPage } from '../shared/paging.ts'

export type { RunState } from '../../db/catalogue/replication-runs.ts'
export type RunView = Omit<RunRecord, 'cause' | 'place'> & { readonly reason: Reason | null }

/** Names. */
export type NamedRunFilter = {
  readonly bucket?: string | undefined
  readonly storageDeployment?: string | undefined
  readonly outcomes?: readonly RunState[] | undefined
  readonly quiet: boolean
}

/** As PostgreSQL reads it: time and id of a run. */
function isPlace(after: string): boolean {
  const [, time = '', id = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)$/.exec(after) ?? []
  const instant = new Date(time)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === time && validate(id)
}

/** Throws NOT_FOUND when there is no such bucket or store. */
export async function runPage(
  { pool }: Pick<ServiceDeps, 'pool'>,
  { bucket, storageDeployment: store, outcomes, quiet }: NamedRunFilter,
  page: PageInput,
): Promise<Page<RunView>> {
  const [bucketFound, storeFound] = [
    bucket === undefined ? undefined : await bucketByName(pool, bucket),
    store === undefined ? undefined : await storageByName(pool, store),
  ]
  if (bucket !== undefined && bucketFound === undefined) throw notFound('bucket', bucket, ['filter', 'bucket'])
  if (store !== undefined && storeFound === undefined)
    throw notFound('storage deployment', store, ['filter', 'storageDeployment'])
  const filter = { bucketId: bucketFound?.id, storageId: storeFound?.id, outcomes, quiet }
  const found = await readPage(
    `runs ${JSON.stringify(filter)}`,
    page,
    (after, limit) => {
      if (after !== undefined && !isPlace(after)) throw new PageError('after is not a cursor of this list')
      return listRuns(pool, filter, after, limit)
    },
    (run) => `${run.place} ${run.id}`,
  )
  return {
    ...found,
    items: found.items.map(({ cursor, item: { cause, place: _, ...run } }) => ({
      cursor,
      item: { ...run, reason: run.outcome === 'running' ? null : reasonOfRun(run.outcome, cause) },
    })),
  }
}

export type ConformanceView = Omit<ConformanceRecord, 'changes' | 'slowestCause'> & {
  readonly changes: number
  readonly within: readonly Within[]
  readonly reason: Reason
}

/** For each of these copies, in their order: its months, the last first. */
export async function conformances(
  { pool }: Pick<ServiceDeps, 'pool'>,
  replicaIds: readonly string[],
): Promise<ConformanceView[][]> {
  const found = Map.groupBy(await conformanceOfReplicas(pool, replicaIds), ({ replicaId }) => replicaId)
  return replicaIds.map((id) =>
    (found.get(id) ?? []).map(({ changes, slowestCause, ...month }) => {
      const { total, within } = withinBounds(changes)
      return { ...month, changes: total, within, reason: reasonOfLate(slowestCause) }
    }),
  )
}
