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
