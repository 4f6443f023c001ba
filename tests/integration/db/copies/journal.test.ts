import { expect, onTestFinished, test } from 'vitest'
import { isOurs, type JournalState } from '../../../../server/db/copies/journal.ts'
import { countOurs, countUntoldDeletes } from '../../../../server/db/copies/journal-counts.ts'
import { createPool } from '../../../../server/db/core/pool.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet } from '../../../support/world/fleet.ts'

const all = { writing: 0, there: 0, deleting: 0, refused: 0, left: 0, foreign: 0, conflict: 0, overwrite: 0 }
const states = Object.keys(all satisfies Record<JournalState, number>) as JournalState[]

test('what is ours is the same to SQL as to the code, e.g. a version that stays where the store refused the next', async () => {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  onTestFinished(() => pool.end())
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const replica = await bucket.replica((await world.cluster('edge')).store)
  const rows = states.flatMap((state) => [null, 'e'].map((targetEtag) => ({ state, targetEtag })))
  for (const [n, row] of rows.entries()) await replica.object(`k${n}`, row)
  const ours = rows.filter(isOurs)
  expect(ours.map(({ state }) => state)).toEqual([
    ...['writing', 'writing', 'there', 'there', 'deleting', 'deleting'],
    'refused', // only where something is there
  ])
  expect(await countOurs(pool, replica.id)).toBe(ours.length)
  const keys = rows.map((_, n) => `k${n}`)
  expect(await countUntoldDeletes(pool, replica.id, [...keys, 'another'])).toBe(ours.length)
})
