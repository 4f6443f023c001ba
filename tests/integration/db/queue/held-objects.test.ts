import { expect, test } from 'vitest'
import { claimTasks } from '../../../../server/db/queue/claim-tasks.ts'
import { findFillable } from '../../../../server/db/queue/held-objects.ts'
import type { CopyId } from '../../../../server/domain/replica/copy-id.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'
import { anyRoom, owner } from './claimed-sweep.ts'

test('what other copies can fill is found among however many first copies that wait for their master, page by page', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge, cloud] = [await world.cluster('hpc'), await world.cluster('edge'), await world.cluster('cloud')]
  await pool.query(
    `WITH b AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'b' || i, 'active', $1::uuid, 'b' || i FROM generate_series(1, 2500) i RETURNING id, name),
     r AS (INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
       SELECT gen_random_uuid(), id, s, name, true, 1, 1, CASE WHEN s = $2 AND name IN ('b7', 'b1700') THEN 'complete' ELSE 'absent' END
       FROM b CROSS JOIN unnest(ARRAY[$2::uuid, $3]) AS s)
     INSERT INTO replica_task (bucket_id, storage_id, kind) SELECT id, $3::uuid, 'first_sync' FROM b`,
    [hpc.store.id, edge.store.id, cloud.store.id],
  )
  const found: string[] = []
  let pages = 0
  for (let after: CopyId | null | undefined; after !== null; pages++) {
    const brokenMasters = [hpc.store.id]
    const { fillable, last } = await findFillable(pool, brokenMasters, after ?? null)
    const claims = await claimTasks(pool, { owner, seconds: 30 }, { ...anyRoom, brokenMasters, fillable })
    found.push(...claims.map(({ bucketId }) => bucketId))
    after = last
  }
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM bucket WHERE id = ANY($1) ORDER BY name', [
    found,
  ])
  expect({ names: rows.map(({ name }) => name), pages }).toEqual({ names: ['b1700', 'b7'], pages: 3 })
})
