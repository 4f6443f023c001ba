import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { takenOf } from '../../../../server/db/catalogue/taken.ts'
import { createDb } from '../../../../server/db/core/client.ts'
import type { Sql } from '../../../../server/db/core/pool.ts'
import { violatedIndex } from '../../../../server/db/core/transaction.ts'
import { freshPool } from '../../../support/fresh-pool.ts'

test("inside Prisma's transaction a count is a number, and how many rows were touched is not guessed", async () => {
  const pool = await freshPool(1)
  const db = createDb(pool)
  onTestFinished(() => db.end())
  await db.transaction(async (tx) => {
    expect((await tx.query('SELECT count(*) FROM cluster')).rows).toEqual([{ count: 0 }])
    const touched = await tx.query('UPDATE fleet SET version = version + 1 WHERE id = 1')
    expect(() => touched.rowCount).toThrow('let it return them')
  })
})

test('the index that refuses a row is told by its own name, not read from a sentence, whoever writes', async () => {
  const pool = await freshPool(1)
  const db = createDb(pool)
  onTestFinished(() => db.end())
  const cluster = (id: string, name: string, idempotencyKey: string) => ({ id, name, zones: [], idempotencyKey })
  const byPrisma = (...row: Parameters<typeof cluster>) =>
    db.transaction((tx) => tx.prisma.cluster.create({ data: cluster(...row) }))
  const bySql = (sql: Sql, id: string, name: string, key: string) =>
    sql.query('INSERT INTO cluster (id, name, zones, idempotency_key) VALUES ($1::uuid, $2, ARRAY[]::text[], $3)', [
      id,
      name,
      key,
    ])
  await byPrisma(v7(), 'one', 'name')
  const refusals = (name: string, key: string) =>
    Promise.all(
      [byPrisma(v7(), name, key), db.transaction((tx) => bySql(tx, v7(), name, key)), bySql(pool, v7(), name, key)].map(
        (write) =>
          write.then(
            () => 'written',
            (error: unknown) => [violatedIndex(error), takenOf(error)],
          ),
      ),
    )
  const byName = ['cluster_name_key', 'cluster.name']
  expect(await refusals('one', 'other')).toEqual([byName, byName, byName])
  const byKey = ['cluster_idempotency_key_key', undefined]
  expect(await refusals('other', 'name')).toEqual([byKey, byKey, byKey])
  expect(violatedIndex(new Error('duplicate key value violates unique constraint "cluster_name_key"'))).toBeUndefined()
})
