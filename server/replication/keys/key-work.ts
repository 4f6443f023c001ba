// What working on keys uses, and how one key's work can end.

import type { PlannedWrite } from '../../db/copies/journal-announce.ts'
import type { KeyStatements } from '../../db/copies/key-statements.ts'
import type { ClaimedObject } from '../../db/copies/object-claims.ts'
import type { Pool } from '../../db/core/pool.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import type { Log } from '../../log.ts'
import type { Interrupted } from '../interrupted.ts'
import type { LinksServed } from '../links/served-links.ts'
import type { MoverMetrics } from '../report/mover-metrics.ts'
import type { Times } from '../settings.ts'
import type { CreationDates } from '../stores/bucket-identity.ts'
import type { Uptimes } from '../stores/master-evidence.ts'
import type { Stores } from '../stores/stores.ts'
import type { ResidencyGuard } from './residency-guard.ts'
import type { SourceWaits } from './source-waits.ts'

export type KeyDeps = {
  readonly pool: Pool
  /** Of this mover's leases. */
  readonly owner: string
  readonly statements: KeyStatements
  readonly log: Log
  readonly stores: Stores
  readonly guard: ResidencyGuard
  readonly creationDates: CreationDates
  readonly uptimes: Uptimes
  readonly metrics: MoverMetrics
  readonly sourceWaits: SourceWaits
  /** Over others no bytes pass this mover. */
  readonly served: Pick<LinksServed, 'serves'>
  readonly times: Pick<Times, 'untold' | 'lateWrite'>
}

export type KeyRun = {
  readonly claim: ClaimedObject
  readonly signal: AbortSignal
  readonly abort: (reason: Interrupted) => void
  /** Nobody else can have begun to work on the key yet. */
  readonly holds: () => boolean
  /** Waits for something without holding a place among the keys that work. */
  park<T>(work: Promise<T>): Promise<T>
  /** Makes a request when it is its turn on the link; at once, where the whole work on the key has a place there. */
  inTurn<T>(request: () => Promise<T>): Promise<T>
  /** Bytes that were read from the source. */
  onBytes(bytes: number): void
  /** A write is under way whose effect is not known yet. */
  writing: boolean
  /** What the journal was last told that a store would be asked to write or delete. */
  said: PlannedWrite | null
  /** It was taken for an object that is new; whatever came of that, from then on both sides are looked at first. */
  triedAsNew: boolean
  /** A former write that was cut off has had its time to land since its store answered. */
  waitedForWrite: boolean
  /** The copy became what its master is by this work, or by one that was cut off before it was told. */
  changed: boolean
  /** The bucket has other copies, which may lend what this one lacks. */
  readonly others: boolean
  /** The master's store does not answer; what is done without it does not end the work on the key. */
  readonly masterAway: boolean
  /** Stores whose copies did not give what they were taken to hold. */
  readonly notFrom: Set<string>
  /** The bytes come from this store, chosen among several. */
  readFrom(storageId: string, why: SourceReason): void
}

export type KeyEnd =
  /** The copy is as the master is now, or cannot be without an order. */
  | { readonly end: 'done' }
  /** The master has it no more, of which nobody told, or has it older than it was: only a comparison may decide about it. */
  | { readonly end: 'untold' }
  /** It cannot be worked on now, or the source keeps changing; nothing is wrong with the key. */
  | {
      readonly end: 'later'
      readonly seconds: number
      /** News make it due at once. Default: false. */
      readonly unlessNews?: boolean
    }
