// A claimed key: how the work on it begins and ends.
import { tellLateWrite } from '../../db/copies/late-writes.ts'
import { type ClaimedObject, giveBackObject, type ObjectId } from '../../db/copies/object-claims.ts'
import { afterFailure } from '../after-failure.ts'
import type { KeyDeps, KeyRun } from '../keys/key-work.ts'
import type { KeyPlace } from '../links/key-place.ts'
import type { Carrying } from '../links/link-flows.ts'
import type { MoverLink } from '../links/links.ts'
import type { Reporter } from '../report/reporter.ts'
import type { Limits, Times } from '../settings.ts'
import type { Lease } from './leases.ts'

export type ClaimDeps = KeyDeps & {
  readonly limits: Limits
  readonly times: Times
  readonly reporter: Reporter
  /** There is room for more keys, or news of one. */
  readonly wake: () => void
}

export type ClaimedKey = {
  readonly claim: ClaimedObject
  readonly lease: Lease
  readonly place: KeyPlace
  /** Resolved when nothing of it is under way any more. */
  readonly ended: PromiseWithResolvers<void>
}

/** For maps and sets. */
export const idOfKey = ({ bucketId, storageId, key }: ObjectId): string => `${bucketId} ${storageId} ${key}`

/** The copy (or the master itself) whose keys were claimed. */
export type AtCopy = {
  readonly link: MoverLink
  /** Other copies may lend what this one lacks. */
  readonly others: boolean
  readonly masterAway: boolean
}

/** `carried`: over the link over which it comes. */
export function beginKey(
  { reporter }: ClaimDeps,
  { claim, lease, place }: ClaimedKey,
  { link, others, masterAway }: AtCopy,
): { readonly run: KeyRun; readonly carried: Pick<Carrying, 'done' | 'end'> } {
  const moving = reporter.moving(claim)
  let source = link.fromStorageId
  let flow = link.carry(source)
  const run: KeyRun = {
    ...{ claim, others, masterAway },
    ...{ signal: lease.signal, abort: lease.abort, holds: lease.holds },
    ...{ park: place.park, inTurn: place.inTurn },
    onBytes(bytes) {
      moving.add(bytes)
      flow.add(bytes)
    },
    readFrom(storageId, why) {
      reporter.source(claim, { storageId, why })
      if (storageId === source) return
      flow.end()
      source = storageId
      flow = link.carry(source)
    },
    ...{ writing: false, said: null, triedAsNew: false, waitedForWrite: false, changed: false, notFrom: new Set() },
  }
  const end = () => {
    moving.end()
    flow.end()
  }
  return { run, carried: { done: () => flow.done(), end } }
}

/** Of a key that failed. Without the database the lease ends by itself. */
export async function giveBack(deps: ClaimDeps, run: KeyRun, error: unknown): Promise<void> {
  const { pool, owner, log, times } = deps
  const waits = { broken: times.storeRetry / 4, first: times.backoff }
  const { waitMs, failure } = await afterFailure(deps, run, error, waits)
  const lookAgainSeconds = run.writing ? times.lateWrite / 1000 : null
  const back = { seconds: waitMs / 1000, failure, failed: failure !== null, lookAgainSeconds }
  const warn = (untold: unknown) => log.warn({ err: untold })
  await giveBackObject(pool.lazily, owner, run.claim, back).catch(warn)
  if (run.said !== null && !run.holds()) await tellLateWrite(pool, run.said).catch(warn)
}

export function endKey({ lease, place, ended }: ClaimedKey): void {
  lease.release()
  place.end()
  ended.resolve()
}
