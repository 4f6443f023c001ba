// Transactions on the catalogue, through Prisma; errors are told apart by SQLSTATE.
import type { Db, Tx } from './client.ts'
import type { Sql } from './pool.ts'
import { sqlOf } from './sql-of.ts'

const retryable = new Set(['40001', '40P01'])
const attempts = 5
const options = { maxWait: 10_000, timeout: 10_000 }

/** Rows of the catalogue by Prisma, statements of the hot tables by SQL: both in the one transaction. */
export type Writer = { readonly tx: Tx; readonly sql: Sql }

/** Runs `work` in one transaction; retried when PostgreSQL asks for it. The root client must not be used inside. */
export async function transact<T>(db: Db, work: (writer: Writer) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction((tx) => work({ tx, sql: sqlOf(tx) }), options)
    } catch (error) {
      if (attempt === attempts || !retryable.has(sqlState(error) ?? '')) throw error
    }
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What the driver said, inside Prisma's error. */
const causeOf = (error: unknown): unknown => member(member(member(error, 'meta'), 'driverAdapterError'), 'cause')

/** PostgreSQL's code of an error of Prisma or pg; undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  return text(member(causeOf(error), 'originalCode')) ?? text(member(error, 'code'))
}

/** The values themselves are refused (classes 22, 23 and 54), so trying again would not help. */
export const isRefusedData = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error) ?? '')

/** PostgreSQL's message where a unique index refused a row: it names the index. */
export function uniqueViolation(error: unknown): string | undefined {
  if (sqlState(error) !== '23505') return undefined
  return text(member(causeOf(error), 'originalMessage')) ?? (error instanceof Error ? error.message : '')
}
