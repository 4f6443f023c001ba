// How work that failed goes on: one ladder for keys and for whole copies.
import type { Pool } from '../db/core/pool.ts'
import type { CallFailure, Trouble } from '../domain/trouble/trouble.ts'
import type { Log } from '../log.ts'
import { StorageError } from '../storage/storage-error.ts'
import { backoffMs } from './backoff.ts'
import { Interrupted } from './interrupted.ts'
import type { Times } from './settings.ts'
import type { Stores } from './stores/stores.ts'

/** A store broke while work waited for its turn there. */
export class StoreBroke extends Error {
  override readonly name = 'StoreBroke'
}

export type FailedWork = {
  readonly signal: AbortSignal
  /** How often it failed before. */
  readonly attempts: number
  /** Milliseconds until it is tried again: by a store that is broken, and after its first failure. */
  readonly waits: { readonly broken: number; readonly first: number }
  /** For the log. */
  readonly about: Readonly<Record<string, string>>
}

export type AfterFailure = {
  /** Until it is tried again. */
  readonly waitMs: number
  /** Null: nothing is wrong with the work itself. */
  readonly failure: CallFailure | null
  /** What the store suffers that is to blame; null: none is. */
  readonly trouble: Trouble | null
}

export async function afterFailure(
  deps: { readonly pool: Pool; readonly log: Log; readonly stores: Stores; readonly times: Times },
  error: unknown,
  { signal, attempts, waits, about }: FailedWork,
): Promise<AfterFailure> {
  const { pool, log, stores, times } = deps
  const later = (waitMs: number): AfterFailure => ({ waitMs, failure: null, trouble: null })
  const reason: unknown = signal.aborted ? signal.reason : error
  if (reason instanceof Interrupted) return later(reason.reason === 'not-allowed' ? times.guard : 0)
  if (pool.isOutage(error)) {
    log.warn({ err: error, ...about }, 'work waits for the database')
    return later(times.idle)
  }
  if (error instanceof StoreBroke || (await stores.isOutage(error)))
    return { ...later(waits.broken), trouble: stores.troubleOf(error) }
  if (!(error instanceof Error)) throw error
  if (!(error instanceof StorageError)) log.error({ err: error, ...about }, 'work failed unexpectedly')
  const waitMs = backoffMs(attempts, waits.first, times.maxBackoff, Math.random())
  return { ...later(waitMs), failure: stores.failureOf(error) }
}
