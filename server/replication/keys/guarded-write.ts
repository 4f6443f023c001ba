// One write to a copy: the journal says what it will be and is asked whether it may be, the lease must still hold, and from then on
// until the store's answer what forbids the write cuts it off.
import type { WriteGuard } from '../../db/copies/journal-announce.ts'
import { Interrupted } from '../interrupted.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { requireLease } from './under-lease.ts'

/** `journaled`: the statement that says it and asks in one. Afterwards the store may have it at any moment. */
export async function announce(run: KeyRun, journaled: Promise<boolean>): Promise<void> {
  if (!(await journaled)) throw new Interrupted('not-allowed')
  begin(run)
}

/** It was said, and allowed, a while ago. */
export function begin(run: KeyRun): void {
  run.signal.throwIfAborted()
  requireLease(run)
  run.writing = true
}

/** Resolves to the store's answer. Where that is not known `run.writing` stays, so that the key is looked at again later. */
export async function answered<T>(run: KeyRun, write: Promise<T>): Promise<T> {
  const answer = await write
  run.writing = false
  return answer
}

export async function watched<T>(
  deps: Pick<KeyDeps, 'guard'>,
  run: KeyRun,
  guard: WriteGuard,
  work: () => Promise<T>,
): Promise<T> {
  const unwatch = deps.guard.watch(guard, run.abort)
  try {
    return await work()
  } finally {
    unwatch()
  }
}

/** All of it, for a write that is one request. */
export function guardedWrite<T>(
  deps: Pick<KeyDeps, 'guard'>,
  run: KeyRun,
  guard: WriteGuard,
  { journal, write }: { readonly journal: () => Promise<boolean>; readonly write: () => Promise<T> },
): Promise<T> {
  return watched(deps, run, guard, async () => {
    await announce(run, journal())
    return answered(run, write())
  })
}
