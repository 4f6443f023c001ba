// What it means to ask for work on whole copies, also for what is under way. What becomes of it when a run ends is decided in
// `domain/replica/task-end.ts`. Each statement takes the row, and so do claims: who asks in a transaction asks for a run that begins
// after its commit, and for one run more where one is under way, for that one may have read what stood there before.
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import type { Orders } from '../../domain/replica/task-end.ts'
import type { Sql } from '../core/pool.ts'

/** `where`: SQL for a row of `replica_task` called `t`, with its values. */
export type AskedTasks = {
  readonly kinds: readonly TaskKind[]
  readonly where: string
  readonly values: readonly unknown[]
}

export type Asking = {
  /** For the next run, until one that began with them is done. */
  readonly orders?: readonly (keyof Orders)[]
  /** What counts no more: failures, which hold up the next try, and looks that found nothing, which hold up the next look. */
  readonly forgets?: readonly ('failures' | 'quiet')[]
  /** Not later than so many seconds after the last run began; absent: now. What is due earlier stays so. */
  readonly withinSeconds?: number
}

/** Each has the mark with which the order came last, or 0. */
const columns: Readonly<Record<keyof Orders, string>> = {
  allowDeletes: 'allow_deletes',
  overwrite: 'overwrite',
  full: '"full"',
  resubscribe: 'resubscribe',
}

/** SQL: what becomes of a row `t` that is asked for; a look that was cut off does not go on. `by`: when it is due at the latest. */
function asked({ orders = [], forgets = [] }: Asking, by = 'now()'): string {
  return [
    `not_before = LEAST(t.not_before, ${by})`,
    'generation = t.generation + 1',
    'checkpoint = NULL',
    ...orders.map((order) => `${columns[order]} = t.generation + 1`),
    ...(forgets.includes('failures') ? ['attempts = 0'] : []),
    ...(forgets.includes('quiet') ? ['quiet_looks = 0', 'quiet_since = NULL'] : []),
  ].join(', ')
}

/** SQL: what may be taken by somebody before a transaction of now is committed. */
const isNear = "t.not_before <= now() + interval '10 seconds'"

/** Takes all tasks of these buckets until the transaction ends, in the order of all who take several. */
export async function holdTasks(tx: Sql, bucketIds: readonly string[]): Promise<void> {
  await tx.query(
    'SELECT 1 FROM replica_task WHERE bucket_id = ANY($1::uuid[]) ORDER BY bucket_id, storage_id FOR UPDATE',
    [bucketIds],
  )
}

export async function ask(sql: Sql, { kinds, where, values }: AskedTasks, asking: Asking = {}): Promise<void> {
  const { withinSeconds } = asking
  const isKind = `t.kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`
  const those = (
    touched: string,
  ) => `FROM (SELECT bucket_id, storage_id FROM replica_task t WHERE ${isKind} AND (${touched})
    ORDER BY bucket_id, storage_id FOR UPDATE) o WHERE t.bucket_id = o.bucket_id AND t.storage_id = o.storage_id`
  if (withinSeconds === undefined)
    await sql.query(`UPDATE replica_task t SET ${asked(asking)} ${those(where)}`, [...values])
  else {
    const by = `GREATEST(now(), t.started_at + make_interval(secs => $${values.length + 1}::float8))`
    const isTouched = `(t.lease_owner IS NOT NULL OR t.not_before > ${by} OR ${isNear})`
    await sql.query(`UPDATE replica_task t SET ${asked(asking, by)} ${those(`(${where}) AND ${isTouched}`)}`, [
      ...values,
      withinSeconds,
    ])
  }
  sql.wake('task')
}

/** SQL: the store of the master, for a task `task` that is new. */
const masterOf = (task: string): string =>
  `COALESCE((SELECT b.master_storage_id FROM bucket b WHERE b.id = ${task}.bucket_id), ${task}.storage_id)`

/** What stands there is asked for, whatever kind it is; else this kind of work begins. */
export async function askOrBegin(
  sql: Sql,
  { bucketId, storageId, kind }: CopyId & { readonly kind: TaskKind },
  asking: Asking,
): Promise<void> {
  const orders = (asking.orders ?? []).map((order) => columns[order])
  await sql.query(
    `INSERT INTO replica_task AS t (${['bucket_id', 'storage_id', 'kind', 'master_storage_id', 'generation', ...orders].join(', ')})
     SELECT ${['n.*', masterOf('n'), '1', ...orders.map(() => '1')].join(', ')}
     FROM (SELECT $1::uuid AS bucket_id, $2::uuid AS storage_id, $3::text AS kind) n
     ON CONFLICT (bucket_id, storage_id) DO UPDATE SET ${asked(asking)}`,
    [bucketId, storageId, kind],
  )
  sql.wake('task')
}

/**
 * SQL: what becomes of a row `t` when another kind of work takes its place, at once, but for a sweep: what it would look at was just
 * looked at. Its run, where one goes on, is superseded. An order to let deletes pass was one to compare, and holds for nothing else.
 */
const replacedBy = (
  kind: string,
): string => `kind = ${kind}, generation = t.generation + 1, checkpoint = NULL, attempts = 0,
  trouble = NULL, trouble_since = NULL, quiet_looks = 0, quiet_since = NULL,
  not_before = CASE WHEN ${kind} = 'sweep' THEN now() + interval '1 minute' ELSE now() END,
  allow_deletes = CASE WHEN ${kind} IN ('sweep', 'first_sync') THEN t.allow_deletes ELSE 0 END`

/** Begins work of these kinds; of another kind than what stands there. */
export async function replaceTasks(sql: Sql, tasks: readonly (CopyId & { readonly kind: TaskKind })[]): Promise<void> {
  if (tasks.length === 0) return
  await sql.query(
    `INSERT INTO replica_task AS t (bucket_id, storage_id, kind, master_storage_id)
     SELECT n.*, ${masterOf('n')} FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (bucket_id, storage_id, kind) ORDER BY 1, 2
     ON CONFLICT (bucket_id, storage_id) DO UPDATE SET ${replacedBy('excluded.kind')}`,
    [tasks.map((task) => task.bucketId), tasks.map((task) => task.storageId), tasks.map((task) => task.kind)],
  )
  sql.wake('task')
}

/** Where work of the one kind stands, it becomes work of the other. */
export async function replaceKind(
  sql: Sql,
  { bucketId, storageId }: CopyId,
  { from, to }: { readonly from: TaskKind; readonly to: TaskKind },
): Promise<void> {
  await sql.query(
    `UPDATE replica_task t SET ${replacedBy('$4::text')} WHERE bucket_id = $1 AND storage_id = $2 AND kind = $3`,
    [bucketId, storageId, from, to],
  )
  sql.wake('task')
}
