// What users see of a replica, read from what is stored.
import type { ReplicaRecord } from '../../db/catalogue/replicas.ts'
import { counted } from '../../domain/reason.ts'
import { type ReplicaState, replicaState } from '../../domain/replica/replica-state.ts'

export type ReplicaProgress = {
  readonly phase: string
  readonly objectsDone: number
  readonly objectsTotal: number
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly bytesPerSecond: number | null
  readonly etaSeconds: number | null
}
export type ReplicaView = Pick<
  ReplicaRecord,
  'id' | 'bucketId' | 'storageId' | 'bucketName' | 'wanted' | 'serving' | 'verifiedAt'
> & {
  readonly state: ReplicaState
  readonly cause: string | null
  readonly lag: { readonly objects: number; readonly bytes: number; readonly oldestSeconds: number }
  readonly progress: ReplicaProgress | null
}

/** The mover's own words first; else what holds the replica back. */
function causeOf(replica: ReplicaRecord): string | null {
  if (replica.cause !== null) return replica.cause
  if (replica.braked > 0)
    return `${counted(replica.braked, 'delete')} held by the delete brake: ReplicaResync with allowDeletes lets them go`
  if (replica.conflicts > 0)
    return `${counted(replica.conflicts, 'object')} in the way that FaDO did not write: ReplicaResync with OVERWRITE replaces them`
  if (replica.masterCause === null) return null
  const since = replica.masterCauseSince === null ? '' : ` since ${replica.masterCauseSince.toISOString()}`
  return `The master cannot be read${since}: ${replica.masterCause}`
}

function progressOf(replica: ReplicaRecord): ReplicaProgress | null {
  const { phase, objectsDone, objectsTotal, bytesDone, bytesTotal, bytesPerSecond } = replica
  if (phase === null || objectsDone === null || objectsTotal === null || bytesDone === null || bytesTotal === null)
    return null
  const left = bytesTotal - bytesDone
  const etaSeconds = left <= 0 ? 0 : bytesPerSecond === null || bytesPerSecond <= 0 ? null : left / bytesPerSecond
  return { phase, objectsDone, objectsTotal, bytesDone, bytesTotal, bytesPerSecond, etaSeconds }
}

export function viewReplica(replica: ReplicaRecord): ReplicaView {
  const { id, bucketId, storageId, bucketName, wanted, serving, verifiedAt } = replica
  return {
    ...{ id, bucketId, storageId, bucketName, wanted, serving, verifiedAt },
    state: replicaState(replica),
    cause: causeOf(replica),
    lag: { objects: replica.lagObjects, bytes: replica.lagBytes, oldestSeconds: replica.oldestSeconds ?? 0 },
    progress: progressOf(replica),
  }
}
