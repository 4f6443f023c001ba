import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Tx } from '../../../../server/db/core/pool.ts'
import { sweepAfterCommit, sweepWithin } from '../../../../server/db/queue/sweeps.ts'
import type { CopyId } from '../../../../server/domain/replica/copy-id.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'
import { claimedSweep, done, owner } from './claimed-sweep.ts'

test('a bound that is set while a look goes on brings another one, for that look knows nothing of it', async () => {
  const { pool, finish, row } = await claimedSweep()
  await sweepWithin(pool, null, { seconds: 3_600, of: 'all' })
  await finish({ ...done, seconds: 86_400 })
  expect(await row()).toMatchObject({ due: true })
})

test('a bound of what nobody tells brings looks at masters forward whose events are not believed, and no others', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const [believed, untold] = [await hpc.store.bucket('believed'), await hpc.store.bucket('untold')]
  for (const bucket of [believed, untold]) {
    await bucket.task('master_sweep')
    await (await bucket.replica(edge.store)).task('sweep')
  }
  await pool.query(
    `UPDATE replica_task SET not_before = now() + interval '1 day', started_at = now() - interval '1 hour'`,
  )
  await pool.query('INSERT INTO bucket_events (bucket_id, untold_at) VALUES ($1, now())', [untold.id])
  await sweepWithin(pool, null, { seconds: 30, of: 'untold' })
  const { rows } = await pool.query('SELECT kind, bucket_id AS bucket FROM replica_task WHERE not_before <= now()')
  expect(rows).toEqual([{ kind: 'master_sweep', bucket: untold.id }])
})

test('a bound that is set while a look goes on does not hold up the next one, should its mover be gone', async () => {
  const { pool, claimAs } = await claimedSweep()
  await sweepWithin(pool, null, { seconds: 3_600, of: 'all' })
  await pool.query(`UPDATE replica_task SET lease_until = now() - interval '1 ms'`)
  await claimAs(randomUUID())
})

test.for<[string, (tx: Tx, id: CopyId) => Promise<void>]>([
  ['a look', (tx, { bucketId, storageId }) => sweepAfterCommit(tx, bucketId, storageId)],
  ['a bound', (tx) => sweepWithin(tx, null, { seconds: 3_600, of: 'all' })],
])(
  'who asks for %s in a transaction asks for one that begins after its commit, also where one is due already',
  async ([, ask]) => {
    const { pool, claim, claimAs, finish } = await claimedSweep()
    await finish({ end: 'again', seconds: 0, failed: false })
    await pool.transaction(async (tx) => {
      await ask(tx, claim)
      await expect(claimAs(owner)).rejects.toThrow('nothing to claim')
    })
    await claimAs(owner)
  },
)
