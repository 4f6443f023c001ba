import { sqlState } from '../../db/core/transaction.ts'

/** PostgreSQL's codes for text that it cannot hold: NUL, or broken Unicode. */
const codes = new Set(['22021', '22P05'])

/** Whether something failed because of text in the input that cannot be stored. */
export const isUnstorableText = (error: unknown): boolean => codes.has(sqlState(error) ?? '')
