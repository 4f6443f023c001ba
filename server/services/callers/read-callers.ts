import { type CallerNaming, type CallerRecord, listCallers } from '../../db/catalogue/callers.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type CallerView = CallerRecord
export type CallerNamingView = CallerNaming

/** By their names. */
export const readCallers = ({ pool }: Pick<ServiceDeps, 'pool'>): Promise<CallerView[]> => listCallers(pool)
