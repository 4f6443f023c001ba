// The life of a replica. `wanted` is the reconciler's decision, `observed` what the mover has seen; both together are what
// users see. The table of states x events is complete: the compiler asks for every pair.

/** What the mover has seen of a replica's bucket. */
export type Observed = 'absent' | 'creating' | 'syncing' | 'complete' | 'failed' | 'deleting'

/** Steps of the mover. */
export type ReplicaEvent =
  /** about to make the bucket on the store */
  | 'create'
  /** the bucket is there and ours */
  | 'created'
  /** the first sync was verified complete */
  | 'synced'
  /** cannot go on by itself; the cause says why, it is tried again */
  | 'fail'
  /** what was there is gone or no longer ours: begin again */
  | 'lost'
  /** about to delete objects of it */
  | 'delete'
  /** nothing of ours is left */
  | 'deleted'
  /** wanted again while a retention keeps what could not be deleted: bucket and journal are still ours */
  | 'resume'

/** null: the event has no meaning there and changes nothing. */
export const replicaTransitions: Readonly<Record<Observed, Readonly<Record<ReplicaEvent, Observed | null>>>> = {
  absent: {
    create: 'creating',
    created: null,
    synced: null,
    fail: 'failed',
    lost: null,
    delete: null,
    deleted: null,
    resume: null,
  },
  creating: {
    create: 'creating',
    created: 'syncing',
    synced: null,
    fail: 'failed',
    lost: 'absent',
    delete: 'deleting',
    deleted: 'absent',
    resume: null,
  },
  syncing: {
    create: null,
    created: 'syncing',
    synced: 'complete',
    fail: 'failed',
    lost: 'absent',
    delete: 'deleting',
    deleted: null,
    resume: null,
  },
  complete: {
    create: null,
    created: null,
    synced: 'complete',
    fail: 'failed',
    lost: 'absent',
    delete: 'deleting',
    deleted: null,
    resume: null,
  },
  failed: {
    create: 'creating',
    created: 'syncing',
    synced: null,
    fail: 'failed',
    lost: 'absent',
    delete: 'deleting',
    deleted: 'absent',
    resume: null,
  },
  deleting: {
    create: null,
    created: null,
    synced: null,
    fail: 'deleting',
    lost: 'absent',
    delete: 'deleting',
    deleted: 'absent',
    resume: 'syncing',
  },
}

export const nextObserved = (state: Observed, event: ReplicaEvent): Observed =>
  replicaTransitions[state][event] ?? state

export type ReplicaState =
  | 'PENDING'
  | 'CREATING'
  | 'SYNCING'
  | 'IN_SYNC'
  | 'LAGGING'
  | 'FAILED'
  | 'WITHDRAWING'
  | 'DELETING'

export type ReplicaStanding = {
  readonly wanted: boolean
  readonly observed: Observed
  /** Keys known to differ from the master's. */
  readonly lagObjects: number
  readonly conflicts: number
  readonly braked: number
}

/** IN_SYNC and LAGGING are read from the keys that wait, never stored. */
export function replicaState({ wanted, observed, lagObjects, conflicts, braked }: ReplicaStanding): ReplicaState {
  switch (observed) {
    case 'deleting':
      return 'DELETING'
    case 'absent':
      return wanted ? 'PENDING' : 'WITHDRAWING'
    case 'creating':
      return wanted ? 'CREATING' : 'WITHDRAWING'
    case 'syncing':
      return wanted ? 'SYNCING' : 'WITHDRAWING'
    case 'failed':
      return wanted ? 'FAILED' : 'WITHDRAWING'
    case 'complete':
      if (!wanted) return 'WITHDRAWING'
      return lagObjects + conflicts + braked > 0 ? 'LAGGING' : 'IN_SYNC'
  }
}

export type ReplicaTaskKind = 'first_sync' | 'sweep' | 'evict' | 'release'
export type TaskKind = ReplicaTaskKind | 'master_sweep' | 'master_rebuild' | 'master_delete'

/**
 * The work on the whole copy that is due; null when there is none. `drained` says that every proxy agreed to the
 * withdrawal and the drain delay is over. A delete step in hand is finished before a replica that is wanted again
 * begins anew.
 */
export function taskFor(wanted: boolean, observed: Observed, drained: boolean): ReplicaTaskKind | null {
  if (!wanted) return drained && observed !== 'absent' ? 'evict' : null
  switch (observed) {
    case 'complete':
      return 'sweep'
    case 'deleting':
      return 'evict'
    case 'absent':
    case 'creating':
    case 'syncing':
    case 'failed':
      return 'first_sync'
  }
}
