import { v7 } from 'uuid'
import type { ReplicaChange } from '../../domain/decide/decision.ts'
import type { Sql } from '../core/pool.ts'
import { ask } from '../queue/ask.ts'

export type Changed = { readonly bucketId: string; readonly change: ReplicaChange }
type Kind = ReplicaChange['kind']
type Of<K extends Kind> = Changed & { readonly change: Extract<ReplicaChange, { kind: K }> }

const ofKind = <K extends Kind>(changed: readonly Changed[], kind: K): Of<K>[] =>
  changed.filter((one): one is Of<K> => one.change.kind === kind)

/** Writes the changes of a whole batch, one statement a kind; those that are withdrawn are only taken. Returns the ids of the replicas. */
export async function writeReplicas(sql: Sql, changed: readonly Changed[]): Promise<string[]> {
  const added = await add(sql, ofKind(changed, 'add'))
  await want(sql, ofKind(changed, 'want'))
  await holdWithdrawn(sql, ofKind(changed, 'withdraw'))
  await drain(sql, ofKind(changed, 'drain'))
  await serve(sql, ofKind(changed, 'serve'))
  await remove(sql, ofKind(changed, 'remove'))
  return [...added, ...new Set(changed.flatMap(({ change }) => ('id' in change ? [change.id] : [])))]
}

async function add(sql: Sql, changed: readonly Of<'add'>[]): Promise<string[]> {
  const ids = changed.map(() => v7())
  if (ids.length > 0)
    await sql.query(
      `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch)
       SELECT d.id, b.id, d.storage_id, d.bucket_name, true, b.generation, b.epoch
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS d (id, bucket_id, storage_id, bucket_name)
       JOIN bucket b ON b.id = d.bucket_id`,
      [
        ids,
        changed.map((one) => one.bucketId),
        changed.map((one) => one.change.storageId),
        changed.map((one) => one.change.bucketName),
      ],
    )
  return ids
}

async function want(sql: Sql, changed: readonly Of<'want'>[]): Promise<void> {
  if (changed.length === 0) return
  const { rowCount } = await sql.query(
    `UPDATE replica r SET wanted = true, withdrawn_number = NULL, withdrawn_at = NULL, decided_at = now(),
       generation = b.generation, epoch = b.epoch
     FROM unnest($1::uuid[], $2::text[]) AS d (id, observed), bucket b
     WHERE r.id = d.id AND r.observed = d.observed AND b.id = r.bucket_id`,
    [changed.map((one) => one.change.id), changed.map((one) => one.change.observed)],
  )
  if (rowCount !== changed.length) throw new Error('a copy changed while it was decided about')
  // An eviction that waits for the end of a retention need not be waited for.
  await ask(sql, {
    kinds: ['evict', 'release'],
    where: `(t.bucket_id, t.storage_id) IN (
      SELECT r.bucket_id, r.storage_id FROM replica r WHERE r.id = ANY($1::uuid[]) AND r.observed = 'deleting')`,
    values: [changed.map((one) => one.change.id)],
  })
}

/** Whoever writes what is seen of a copy marks its bucket after that, so copies are taken before marks. */
async function holdWithdrawn(sql: Sql, changed: readonly Of<'withdraw'>[]): Promise<void> {
  if (changed.length === 0) return
  await sql.query('SELECT 1 FROM replica WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [
    changed.map((one) => one.change.id),
  ])
}

/** `numberOf`: of a bucket's route after this decision. */
export async function withdrawReplicas(
  sql: Sql,
  all: readonly Changed[],
  numberOf: (bucketId: string) => number,
): Promise<void> {
  const changed = ofKind(all, 'withdraw')
  if (changed.length === 0) return
  await sql.query(
    `UPDATE replica r SET wanted = false, serving = false, stale = false, withdrawn_number = d.number, withdrawn_at = NULL,
       decided_at = now(), generation = b.generation
     FROM unnest($1::uuid[], $2::bigint[]) AS d (id, number), bucket b WHERE r.id = d.id AND b.id = r.bucket_id`,
    [changed.map((one) => one.change.id), changed.map((one) => numberOf(one.bucketId))],
  )
}

async function drain(sql: Sql, changed: readonly Of<'drain'>[]): Promise<void> {
  if (changed.length === 0) return
  await sql.query('UPDATE replica SET withdrawn_at = now() WHERE id = ANY($1::uuid[])', [
    changed.map((one) => one.change.id),
  ])
}

async function serve(sql: Sql, changed: readonly Of<'serve'>[]): Promise<void> {
  if (changed.length === 0) return
  await sql.query(
    `UPDATE replica r SET serving = d.serving, stale = d.stale
     FROM unnest($1::uuid[], $2::boolean[], $3::boolean[]) AS d (id, serving, stale) WHERE r.id = d.id`,
    [
      changed.map((one) => one.change.id),
      changed.map((one) => one.change.serving),
      changed.map((one) => one.change.stale),
    ],
  )
}

/** Nothing of ours is left there. */
async function remove(sql: Sql, changed: readonly Of<'remove'>[]): Promise<void> {
  if (changed.length === 0) return
  const ids = changed.map((one) => one.change.id)
  await sql.query('DELETE FROM replica_object WHERE replica_id = ANY($1::uuid[])', [ids])
  await sql.query('DELETE FROM replica WHERE id = ANY($1::uuid[])', [ids])
  const places = [changed.map((one) => one.bucketId), changed.map((one) => one.change.storageId)]
  for (const table of ['dirty_object', 'replica_task'])
    await sql.query(
      `DELETE FROM ${table} t USING unnest($1::uuid[], $2::uuid[]) AS d (bucket_id, storage_id)
       WHERE t.bucket_id = d.bucket_id AND t.storage_id = d.storage_id`,
      places,
    )
}
