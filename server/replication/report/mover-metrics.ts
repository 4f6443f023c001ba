// What a mover counts, for whoever watches it from outside. It is only told; nothing is decided by it.
import type { TaskKind } from '../../domain/replica/replica-state.ts'

/** Names of stores. */
export type CopyLink = { readonly source: string; readonly target: string }

/**
 * How a copy of one object ended. `changed`: the source, or what was to be replaced, was another one by then; `refused`: the
 * store cannot hold the object; `interrupted`: by a decision, a lost lease or a stop.
 */
export type CopyResult = 'copied' | 'changed' | 'refused' | 'interrupted' | 'failed'

export type MoverMetrics = {
  /** `bytes`: the object's size when it was copied, else what was read of it for nothing. */
  copy(link: CopyLink, result: CopyResult, bytes: number, seconds: number): void
  /** An object was deleted on this store because the master has it no more. */
  deleted(store: string): void
  /** A change of a master is on its copy on this store, so many seconds after it was known. First copies do not count. */
  arrived(store: string, seconds: number): void
  /** A run of work on a whole copy ended. `postponed`: it was not possible yet, or was interrupted. */
  task(kind: TaskKind, outcome: 'done' | 'postponed' | 'failed', seconds: number): void
  /** A comparison of listings marked so many keys. */
  found(kind: 'first_sync' | 'sweep' | 'master_sweep', keys: number): void
}

/** Nobody watches. */
export const unwatched: MoverMetrics = {
  copy: () => undefined,
  deleted: () => undefined,
  arrived: () => undefined,
  task: () => undefined,
  found: () => undefined,
}
