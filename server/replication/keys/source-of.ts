// Whose bytes a copy gets. The master says which version is wanted, and is asked again after the write, whoever lends the bytes; so
// for two movers, and for a master that changes meanwhile, nothing is other than when they come from the master itself:
//
// - What is written is the version that the master showed (or, while it is away, had last), with what it shows beside the bytes.
//   A lender gives bytes only, and only those that this version's ETag digests ever become an object (`storage/exact-body.ts`):
//   whatever a lender has by now, it can make a copy fail, never wrong.
// - Each write names what it replaces, as it was seen before the master was asked, so an older version cannot win.
// - A lender that has something else is not asked again for this key, its own key is looked at, and the master gives the bytes. So it
//   goes for a key that failed before: who lies again and again delays nothing twice.
import type { OtherCopyRow } from '../../db/copies/other-copies.ts'
import { lookAtCopy } from '../../db/queue/dirty-objects.ts'
import {
  chooseSource,
  type OtherCopy,
  type SourceReason,
  type WantedVersion,
} from '../../domain/replica/choose-source.ts'
import type { Scene, StorePlace } from './key-scene.ts'
import type { KeyDeps, KeyEnd, KeyRun } from './key-work.ts'

export type Lender = { readonly place: StorePlace; readonly row: OtherCopyRow; readonly why: SourceReason }
export type Source = Lender | 'master' | 'wait' | 'none'

type Asked = {
  readonly size: number
  readonly version: WantedVersion | null
  readonly copies?: readonly OtherCopyRow[]
}

/** Another mover copies it to a store that will lend it. */
export const waitForLender = (): KeyEnd => ({ end: 'later', seconds: 0.2 + Math.random() * 0.1 })

/** `copies`: those that may be asked; default: all. */
export async function sourceOf(deps: KeyDeps, run: KeyRun, scene: Scene, asked: Asked): Promise<Source> {
  const { others, source, target } = scene
  if (others === null) return 'master'
  const { stores, sourceWaits } = deps
  const { size, version, copies = others.copies } = asked
  const broken = stores.broken()
  const isServed = (from: string) => deps.served.serves({ fromStorageId: from, toStorageId: target.storageId })
  const askable = ({ storageId }: OtherCopyRow) =>
    !broken.has(storageId) && !run.notFrom.has(storageId) && isServed(storageId)
  const choice = chooseSource({
    storageId: target.storageId,
    size,
    version,
    master: {
      storageId: source.storageId,
      near: others.masterNear,
      costPerGb: others.masterCost,
      away: run.masterAway,
      speed: stores.speed(source.storageId),
    },
    copies: copies.filter(askable).map((copy): OtherCopy => ({ ...copy, speed: stores.speed(copy.storageId) })),
    mayWait: sourceWaits.mayWait(run.claim),
  })
  if (choice.take === 'none') return 'none'
  if (choice.take === 'wait') {
    sourceWaits.waits(run.claim)
    return 'wait'
  }
  sourceWaits.ended(run.claim)
  run.readFrom(choice.storageId, choice.why)
  const row = copies.find(({ storageId }) => storageId === choice.storageId)
  if (row === undefined) return 'master'
  const { driver, name: store } = await stores.get(row.storageId)
  const place = { driver, bucket: row.bucketName, storageId: row.storageId, store }
  return { place, row, why: choice.why }
}

/** It does not have what it was taken to hold, or does not give it. */
export async function refuseLender(
  deps: KeyDeps,
  run: KeyRun,
  { bucket, at }: Scene,
  { place }: Lender,
  error: unknown = null,
): Promise<void> {
  run.signal.throwIfAborted()
  run.notFrom.add(place.storageId)
  // Without its master nobody could tell what is wrong with it, and it would count as late meanwhile: a comparison finds it.
  if (run.masterAway || (error !== null && (await deps.stores.isOutage(error)))) return
  await lookAtCopy(deps.pool, { bucketId: bucket.id, storageId: place.storageId, key: at.key })
}
