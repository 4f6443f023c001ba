// What a decision changes of what stands in the tables: the reconciler writes a difference as it is and compares nothing, and a
// plan shows it.
import type { RouteTable } from '../route/routing-table.ts'
import type { BucketState, StoredDecision } from './bucket-state.ts'
import type { Decision, ReplicaChange, WantedTask } from './decision.ts'

export type Difference = {
  /** Nothing of the bucket is left: its row goes, and nothing else is written. */
  readonly gone: boolean
  /** As it is from now on; null: as it stands. */
  readonly placement: Pick<Decision['placement'], 'condition' | 'reasons'> | null
  /** Copies are asked for or given up: a new generation of the bucket. */
  readonly moves: boolean
  /** A new route, which gets the next number; null: the one that stands. `table` null withdraws the bucket. */
  readonly route: { readonly table: RouteTable | null; readonly overridden: boolean } | null
  /** With the route as it stands: only the override came (true) or went; null: neither. */
  readonly override: boolean | null
  readonly changes: readonly ReplicaChange[]
  /** Work that does not stand there yet; another kind of work replaces what does. */
  readonly tasks: readonly WantedTask[]
}

/** Two reasons are the same to a reader when both code and sentence are. */
const canonical = (reasons: StoredDecision['reasons']) => JSON.stringify(reasons, ['code', 'message'])

const isMove = (change: ReplicaChange): boolean => change.kind !== 'serve' && change.kind !== 'drain'

export function differenceOf(bucket: BucketState, stored: StoredDecision, decision: Decision): Difference {
  const { placement, route, changes, tasks, gone } = decision
  const moves = changes.some(isMove)
  const samePlacement =
    placement.condition === stored.condition && canonical(placement.reasons) === canonical(stored.reasons)
  const overrideOnly = !route.changed && bucket.route !== null && route.overridden !== stored.overridden
  return {
    gone,
    placement: samePlacement && !moves ? null : { condition: placement.condition, reasons: placement.reasons },
    moves,
    route: route.changed ? { table: route.table, overridden: route.overridden } : null,
    override: overrideOnly ? route.overridden : null,
    changes,
    tasks: tasks.filter(({ storageId, kind }) => stored.tasks.get(storageId) !== kind),
  }
}
