// A key of a queue is found by its primary key, though PostgreSQL has counted nothing yet: else each look reads all keys of the copy.
import { expect, test } from 'vitest'
import { freshPool } from '../../../support/fresh-pool.ts'

const id = '00000000-0000-0000-0000-000000000000'

test.each([
  ['dirty_object_pkey', `dirty_object WHERE bucket_id = '${id}' AND storage_id = '${id}' AND key = 'k'`],
  ['dirty_object_pkey', `dirty_object WHERE bucket_id = '${id}' AND storage_id = '${id}' AND key = 'k' FOR UPDATE`],
  ['replica_object_pkey', `replica_object WHERE replica_id = '${id}' AND key = 'k'`],
  ['object_record_pkey', `object_record WHERE bucket_id = '${id}' AND key = 'k'`],
])('by %s', async (index, from) => {
  const pool = await freshPool(1)
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN SELECT * FROM ${from}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toMatch(new RegExp(`Index Scan using ${index} `))
})

test.each([
  ['dirty_object', 'bucket_id = $1 AND storage_id = $2 AND key = $3'],
  ['replica_object', 'replica_id = $1 AND key = $2'],
  ['object_record', 'bucket_id = $1 AND key = $2'],
])('no other index of %s looks as good: without that one all rows are read', async (table, where) => {
  const pool = await freshPool(1)
  await pool.transaction(async (tx) => {
    await tx.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey`)
    await tx.query('SET LOCAL enable_seqscan = off')
    const { rows } = await tx.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (GENERIC_PLAN) SELECT * FROM ${table} WHERE ${where}`,
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toMatch(new RegExp(`^Seq Scan on ${table} `))
  })
})
