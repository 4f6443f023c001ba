import type { Tx } from './client.ts'
import type { Sql } from './pool.ts'

/** Lets statements of the hot tables run inside a Prisma transaction. Counts (int8) come back as BigInt there. */
export function sqlOf(tx: Tx): Sql {
  return {
    async query(text, values = []) {
      const rows = await tx.$queryRawUnsafe<never[]>(text, ...values)
      return { rows, rowCount: rows.length }
    },
  }
}
