import { type CallerNaming, type CallerRecord, type CallerValues, listCallers } from '../../db/catalogue/callers.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type CallerView = CallerRecord
export type CallerNamingView = CallerNaming
export type CallerValuesView = CallerValues

/** By their names. */
export const readCallers = ({ pool }: Pick<ServiceDeps, 'pool'>): Promise<CallerView[]> => listCallers(pool)
