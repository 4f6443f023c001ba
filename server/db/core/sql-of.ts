// Statements of the hot tables inside a Prisma transaction, with what they give as from the pool.
import type { Tx } from './client.ts'
import type { Sql } from './pool.ts'

/** Prisma gives int8 as BigInt, the pool as a number: counts and numbers stay below 2^53. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value)
  return row
}

export function sqlOf(tx: Tx): Sql {
  return {
    async query<R extends object>(text: string, values: unknown[] = []) {
      const rows = await tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values)
      return {
        rows: rows.map(plain) as R[],
        get rowCount(): never {
          throw new Error('Prisma does not tell how many rows a statement touched: let it return them')
        },
      }
    },
  }
}
