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

type FailedRun = {
  readonly claim: { readonly bucketId: string; readonly attempts: number; readonly kind?: string }
  readonly signal: AbortSignal
}

/** `failure` null: nothing is wrong with the work itself. `trouble`: what the store suffers that is to blame; null: none is. */
export type AfterFailure = {
  readonly waitMs: number
  readonly failure: CallFailure | null
  readonly trouble: Trouble | null
}

/** `waits`, in milliseconds: until a broken store is tried again, and after the first failure of the work itself. */
export async function afterFailure(
  deps: { readonly pool: Pool; readonly log: Log; readonly stores: Stores; readonly times: Times },
  { claim, signal }: FailedRun,
  error: unknown,
  waits: { readonly broken: number; readonly first: number },
): Promise<AfterFailure> {
  const { pool, log, stores, times } = deps
  const { bucketId, attempts, kind } = claim
  const later = (waitMs: number): AfterFailure => ({ waitMs, failure: null, trouble: null })
  const reason: unknown = signal.aborted ? signal.reason : error
  if (reason instanceof Interrupted) return later(reason.reason === 'not-allowed' ? times.guard : 0)
  if (pool.isOutage(error)) {
    log.warn({ err: error, bucketId, kind }, 'work waits for the database')
    return later(times.idle)
  }
  if (error instanceof StoreBroke || (await stores.isOutage(error)))
    return { ...later(waits.broken), trouble: stores.troubleOf(error) }
  if (!(error instanceof Error)) throw error
  if (!(error instanceof StorageError)) log.error({ err: error, bucketId, kind }, 'work failed for no known reason')
  const waitMs = backoffMs(attempts, waits.first, times.maxBackoff, Math.random())
  return { ...later(waitMs), failure: stores.failureOf(error) }
}
