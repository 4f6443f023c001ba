// The state of a bucket right after a decision about it was written: no mover has worked yet, and no proxy has answered.
import type { BucketState, ReplicaRow } from '../../server/domain/decide/bucket-state.ts'
import type { Decision, ReplicaChange } from '../../server/domain/decide/decision.ts'
import type { TaskKind } from '../../server/domain/replica/replica-state.ts'

export function applyDecision(bucket: BucketState, { route, changes, tasks }: Decision): BucketState {
  const before = bucket.route?.number ?? 0
  const number = route.changed ? before + 1 : before
  const gone = new Set(changes.flatMap((change) => (change.kind === 'remove' ? [change.storageId] : [])))
  const left = bucket.replicas.filter((row) => !gone.has(row.storageId))
  const replicas = left.map((row) =>
    changes.reduce((now, change) => (change.storageId === row.storageId ? changed(now, change, number) : now), row),
  )
  const added = changes.flatMap((change) => (change.kind === 'add' ? [newReplica(change.storageId)] : []))
  const kindAt = new Map(tasks.map(({ storageId, kind }) => [storageId, kind]))
  const masterTask = kindAt.get(bucket.masterStorageId) ?? bucket.masterTask
  return {
    ...bucket,
    masterTask,
    masterTrouble: masterTask === bucket.masterTask ? bucket.masterTrouble : null,
    replicas: [...replicas, ...added].map((row) => withTask(row, kindAt.get(row.storageId))),
    route: bucket.route === null && !route.changed ? null : { number, table: route.table },
  }
}

/** As `writeTasks` writes it: other work begins without the trouble of the former. */
const withTask = (row: ReplicaRow, kind: TaskKind | undefined): ReplicaRow =>
  kind === undefined || kind === row.task ? row : { ...row, task: kind, trouble: null }

/** As `writeReplicas` writes it. */
function changed(row: ReplicaRow, change: ReplicaChange, routeNumber: number): ReplicaRow {
  switch (change.kind) {
    case 'want':
      return { ...row, wanted: true, withdrawnNumber: null, withdrawnSeconds: null }
    case 'withdraw':
      return {
        ...row,
        wanted: false,
        serving: false,
        stale: false,
        withdrawnNumber: routeNumber,
        withdrawnSeconds: null,
      }
    case 'drain':
      return { ...row, withdrawnSeconds: 0 }
    case 'serve':
      return { ...row, serving: change.serving, stale: change.stale }
    case 'add':
    case 'remove':
      return row
  }
}

const newReplica = (storageId: string): ReplicaRow => ({
  id: `new-${storageId}`,
  storageId,
  wanted: true,
  serving: false,
  stale: false,
  observed: 'absent',
  released: false,
  task: null,
  trouble: null,
  conflicts: 0,
  oldestSeconds: null,
  withdrawnNumber: null,
  withdrawnSeconds: null,
})
