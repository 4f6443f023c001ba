// One copy, or the place where none is, as a glyph with its tone and word: the table that matrix, bucket page and legend share.
import type { BucketPartsFragment, ReplicaPartsFragment } from '../../graphql/generated/operations.ts'
import { zonesAllow } from '../../server/domain/fleet/zones.ts'
import { isReason } from '../../server/domain/reason.ts'
import { duration, percent } from './format.ts'
import { masterStop } from './master.ts'

export type Tone = 'plain' | 'strong' | 'accent' | 'warn' | 'bad' | 'faint'
export type GlyphName =
  | 'master'
  | 'master-lost'
  | 'master-stopped'
  | 'sync'
  | 'sync-lost'
  | 'lag'
  | 'ring'
  | 'pending'
  | 'leave'
  | 'fail'
  | 'stray'
  | 'forbid'
  | 'warn'
  | 'infeasible'
  | 'unknown'
  | 'pass'
  | 'skip'
  | 'notice'

export type Sign = { readonly glyph: GlyphName; readonly tone: Tone; readonly word: string; readonly share?: number }
/** `hint` is what a wide cell says beside its glyph. */
export type Cell = Sign & { readonly hint?: string }

const master: Sign = { glyph: 'master', tone: 'strong', word: 'master' }
const inSync: Sign = { glyph: 'sync', tone: 'plain', word: 'in sync' }
const lagging: Sign = { glyph: 'lag', tone: 'warn', word: 'lagging' }
const waiting: Sign = { glyph: 'pending', tone: 'accent', word: 'waiting to start' }
const leaving: Sign = { glyph: 'leave', tone: 'plain', word: 'being removed' }
const failed: Sign = { glyph: 'fail', tone: 'bad', word: 'failed' }
const stray: Sign = { glyph: 'stray', tone: 'bad', word: 'kept where it may not be' }
const outside: Sign = { glyph: 'master', tone: 'bad', word: 'master where it may not be' }
const stopped: Sign = { glyph: 'master-stopped', tone: 'bad', word: 'master missing or another one' }
const forbidden: Sign = { glyph: 'forbid', tone: 'faint', word: 'forbidden by zone' }
const lost: Sign = { glyph: 'sync-lost', tone: 'plain', word: 'store unreachable' }
const syncing = (share: number): Sign => ({ glyph: 'ring', tone: 'accent', word: 'syncing', share })

const legend: readonly Sign[] = [
  master,
  inSync,
  syncing(0.62),
  lagging,
  waiting,
  leaving,
  failed,
  stray,
  outside,
  stopped,
  forbidden,
  lost,
]

/** What the glyphs of these buckets mean, in the order of the legend. */
export function legendOf(buckets: readonly BucketPartsFragment[], clusters: readonly PlaceOfCopies[]): readonly Sign[] {
  const shown = new Set(buckets.flatMap((bucket) => clusters.map((cluster) => cellOf(bucket, cluster)?.word)))
  return legend.filter((mark) => shown.has(mark.word))
}

/** It is taken over: what is there is compared, and hardly anything is copied. */
export const isCompared = ({ progress }: Pick<ReplicaPartsFragment, 'progress'>): boolean =>
  progress?.phase === 'comparing'

/** How much of the run in hand is done: by bytes, or by objects where all are empty or compared. Null when no run is known. */
export function shareDone(replica: Pick<ReplicaPartsFragment, 'progress'>): number | null {
  const { progress } = replica
  if (!progress) return null
  if (progress.bytesTotal > 0 && !isCompared(replica)) return Math.min(1, progress.bytesDone / progress.bytesTotal)
  return progress.objectsTotal > 0 ? Math.min(1, progress.objectsDone / progress.objectsTotal) : null
}

function replicaSign(replica: ReplicaPartsFragment): Cell {
  switch (replica.state) {
    case 'IN_SYNC':
      return inSync
    case 'LAGGING':
      return { ...lagging, hint: lagHint(replica) }
    case 'SYNCING': {
      const share = shareDone(replica)
      return share === null ? waiting : { ...syncing(share), hint: percent(share) }
    }
    case 'PENDING':
    case 'CREATING':
      return waiting
    case 'FAILED':
      return failed
    case 'WITHDRAWING':
    case 'DELETING':
      return leaving
  }
}

const lagHint = ({ lag, causes }: ReplicaPartsFragment) =>
  lag.objects > 0 ? duration(lag.oldestSeconds) : causes.length === 0 ? '' : 'held'

type PlaceOfCopies = {
  readonly id: string
  readonly zones: readonly string[]
  readonly storageDeployments: readonly StoreState[]
}
type StoreState = { readonly id: string; readonly health: { readonly status: string } }
const isDown = (stores: readonly StoreState[], id: string) =>
  stores.some((store) => store.id === id && store.health.status === 'UNHEALTHY')

export const isDeleting = (bucket: Pick<BucketPartsFragment, 'placement'>): boolean =>
  bucket.placement.reasons.some((reason) => isReason(reason, 'DELETING'))

/** Whether the policy lets data of the bucket lie in the cluster. */
export function allows(bucket: BucketPartsFragment, cluster: Pick<PlaceOfCopies, 'zones'>): boolean {
  const zones = bucket.policies.find((policy) => policy.name === 'zones')?.value
  return zonesAllow(Array.isArray(zones) ? zones.map(String) : [], cluster)
}

/** What the bucket has in the cluster; null is a place that is allowed and not needed. */
export function cellOf(bucket: BucketPartsFragment, cluster: PlaceOfCopies): Cell | null {
  const stores = cluster.storageDeployments
  const home = bucket.master.storageDeployment
  if (home.cluster.id === cluster.id) {
    if (isDeleting(bucket)) return leaving
    const stop = masterStop(bucket)
    if (stop !== null) return { ...stopped, hint: stop }
    if (!isDown(stores, home.id) && !allows(bucket, cluster)) return outside
    if (!isDown(stores, home.id)) return master
    return { ...lost, glyph: 'master-lost', tone: bucket.route.upstreams.length > 0 ? 'strong' : 'bad' }
  }
  const replica = bucket.replicas.find((one) => one.storageDeployment.cluster.id === cluster.id)
  if (replica) {
    // It cannot go, because it may be the last whole copy; its causes say more.
    if (replica.state === 'WITHDRAWING' && replica.causes.length > 0 && !allows(bucket, cluster)) return stray
    const settled = replica.state === 'IN_SYNC' || replica.state === 'LAGGING'
    return settled && isDown(stores, replica.storageDeployment.id) ? lost : replicaSign(replica)
  }
  return isDeleting(bucket) || allows(bucket, cluster) ? null : forbidden
}

export function cellWords(cell: Cell | null, cluster: string): string {
  if (cell === null) return `${cluster}: no copy`
  if (cell.glyph === 'ring' && cell.share !== undefined) return `${cluster}: ${percent(cell.share)} done`
  if (cell.glyph === 'lag' && cell.hint) return `${cluster}: ${cell.hint === 'held' ? 'held' : `${cell.hint} behind`}`
  if (cell.glyph === 'master-stopped' && cell.hint) return `${cluster}: its master bucket is ${cell.hint}`
  return `${cluster}: ${cell.word}`
}
