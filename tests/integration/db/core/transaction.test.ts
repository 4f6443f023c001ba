import { expect, onTestFinished, test } from 'vitest'
import { createDb } from '../../../../server/db/core/client.ts'
import { createPool } from '../../../../server/db/core/pool.ts'
import { freshDatabase } from '../../../support/postgres.ts'

test("inside Prisma's transaction a count is a number, and how many rows were touched is not guessed", async () => {
  const pool = createPool(await freshDatabase(), { max: 1, onError: () => undefined })
  onTestFinished(() => pool.end())
  const db = createDb(pool)
  onTestFinished(() => db.end())
  await db.transaction(async (tx) => {
    expect((await tx.query('SELECT count(*) FROM cluster')).rows).toEqual([{ count: 0 }])
    const touched = await tx.query('UPDATE fleet SET version = version + 1 WHERE id = 1')
    expect(() => touched.rowCount).toThrow('let it return them')
  })
})
