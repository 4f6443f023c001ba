// Statements of the hot tables inside a Prisma transaction, with what they give as from the pool.
import type { Prisma } from '../generated/client.ts'
import type { Sql } from './pool.ts'

/** Prisma gives int8 as BigInt, the pool as a number: counts and numbers stay below 2^53. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (typeof value === 'bigint') row[name] = Number(value)
  return row
}

export const sqlOf =
  (client: Prisma.TransactionClient): Sql['query'] =>
  async <R extends object>(text: string, values: unknown[] = []) => {
    const rows = await client.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values)
    return {
      rows: rows.map(plain) as R[],
      get rowCount(): never {
        throw new Error('Prisma does not tell how many rows a statement touched: let it return them')
      },
    }
  }
