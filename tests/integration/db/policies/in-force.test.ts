// What statements take for the value in force is what the rule in domain/policy/effective.ts takes for it.
import { expect, test } from 'vitest'
import { priorityOf, valueInForce } from '../../../../server/db/policies/in-force.ts'
import { effectivePolicy } from '../../../../server/domain/policy/effective.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

test("a bucket's own value counts before the fleet's, and the fleet's before the default", async () => {
  const pool = await freshPool(1)
  const world = fleet(pool)
  const [bucket, other] = [
    await (await world.cluster('hpc')).store.bucket('photos'),
    await (await world.cluster('edge')).store.bucket('films'),
  ]
  await world.policy(other.id, 'replication_priority', 9)
  const name = 'replication_priority'
  const found = async () =>
    (
      await pool.query<{ value: unknown; priority: number }>(
        `SELECT ${valueInForce(name, 'bucket', 'b.id')} AS value, ${priorityOf('b.id')} AS priority FROM bucket b WHERE b.id = $1`,
        [bucket.id],
      )
    ).rows[0]
  const { value: usual } = effectivePolicy(name, { global: {}, bucket: {} })
  expect(await found()).toEqual({ value: null, priority: usual })
  await world.policy(null, name, 3)
  expect(await found()).toEqual({
    value: 3,
    priority: effectivePolicy(name, { global: { [name]: 3 }, bucket: {} }).value,
  })
  await world.policy(bucket.id, name, 1)
  expect(await found()).toEqual({
    value: 1,
    priority: effectivePolicy(name, { global: { [name]: 3 }, bucket: { [name]: 1 } }).value,
  })
})
