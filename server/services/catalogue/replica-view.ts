// What users see of a replica, read from what is stored.
import type { ReplicaRecord } from '../../db/catalogue/replicas.ts'
import type { Reason } from '../../domain/reason.ts'
import { type ReplicaState, replicaState } from '../../domain/replica/replica-state.ts'
import { reasonOfSource } from '../../domain/replica/say-source.ts'
import { reasonOf } from '../../domain/trouble/say-trouble.ts'
import { dueTrouble, replicaTroubles } from '../../domain/trouble/standing.ts'

export type ReplicaProgress = {
  readonly phase: string
  readonly objectsDone: number
  readonly objectsTotal: number
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly bytesPerSecond: number | null
}
/** `since` null: it is not kept since when. */
export type Cause = Reason & { readonly since: Date | null }

export type ReplicaView = Pick<
  ReplicaRecord,
  | 'id'
  | 'bucketId'
  | 'storageId'
  | 'bucketName'
  | 'wanted'
  | 'serving'
  | 'released'
  | 'verifiedAt'
  | 'comparedSince'
  | 'versioning'
> & {
  readonly state: ReplicaState
  /** What holds it up, the most explaining first. */
  readonly causes: readonly Cause[]
  readonly lag: {
    readonly objects: number
    readonly bytes: number
    readonly heldDeletes: number
    readonly oldestSeconds: number
    readonly oldestSince: Date | null
  }
  readonly progress: ReplicaProgress | null
  /** From where its bytes came last, and why from there. */
  readonly source: { readonly storageId: string; readonly reason: Reason }
}

const since = <T>(what: T | null, at: number | null) => (what === null ? null : { what, since: at })

function causesOf(replica: ReplicaRecord): Cause[] {
  const troubles = replicaTroubles({
    store: replica.storeName,
    wanted: replica.wanted,
    busy: !replica.wanted || replica.observed !== 'complete' || replica.lagObjects > 0,
    problem: since(replica.problem, replica.problemSince),
    task: since(dueTrouble(replica), replica.troubleSince),
    keys: replica.keysTrouble,
    braked: { what: replica.braked, since: replica.brakedSince },
    master: {
      store: replica.masterStore,
      bucket: replica.masterBucketName,
      stop: since(replica.masterStop, replica.masterStopSince),
      problem: since(replica.masterProblem, replica.masterProblemSince),
      task: since(replica.masterTrouble, replica.masterTroubleSince),
    },
  })
  return troubles.map(({ trouble, since: at }) => ({ ...reasonOf(trouble), since: at === null ? null : new Date(at) }))
}

function progressOf(replica: ReplicaRecord): ReplicaProgress | null {
  const { phase, objectsDone, objectsTotal, bytesDone, bytesTotal, bytesPerSecond } = replica
  if (phase === null || objectsDone === null || objectsTotal === null || bytesDone === null || bytesTotal === null)
    return null
  return { phase, objectsDone, objectsTotal, bytesDone, bytesTotal, bytesPerSecond }
}

export function viewReplica(stored: ReplicaRecord): ReplicaView {
  // A release shows from its mutation on, not only once it is decided.
  const replica = { ...stored, wanted: stored.wanted && !stored.released }
  const { id, bucketId, storageId, bucketName, wanted, serving, released, verifiedAt, comparedSince, versioning } =
    replica
  return {
    ...{ id, bucketId, storageId, bucketName, wanted, serving, released, verifiedAt, comparedSince, versioning },
    state: replicaState(replica),
    causes: causesOf(replica),
    lag: {
      objects: replica.lagObjects,
      bytes: replica.lagBytes,
      heldDeletes: replica.braked,
      oldestSeconds: replica.oldestSeconds ?? 0,
      oldestSince: replica.oldestSince,
    },
    progress: progressOf(replica),
    source: {
      storageId: replica.sourceStorageId,
      reason: reasonOfSource(replica.sourceWhy, replica.sourceStore, replica.storeName),
    },
  }
}
