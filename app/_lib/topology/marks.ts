// What the ring shows of each cluster: of the fleet, or of one bucket.
import type { BucketPartsFragment, RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { type Cell, cellOf, cellWords, type Sign } from '../cells.ts'
import { bytes, plural } from '../format.ts'
import { clusterSign } from '../health.ts'
import { sharesOf, weightWords } from '../shares.ts'

export type RingMark = {
  readonly name: string
  /** In its segment; null: nothing is to be told there. */
  readonly sign: Sign | null
  readonly ground: 'well' | 'down' | 'shut'
  /** The line below its name. */
  readonly second: string
  /** Shown first where there is no room for all names. */
  readonly first: boolean
  /** Calls of the chosen bucket go there. */
  readonly called: boolean
  /** The same for who does not see it. */
  readonly words: string
}

export type HeldThere = { readonly masters: number; readonly replicas: number; readonly bytes: number | null }

/** What lies in a cluster, in all of its stores. `bytes` null: not counted yet. */
export function heldIn({ storageDeployments: stores }: Pick<RingClusterFragment, 'storageDeployments'>): HeldThere {
  const sum = (of: (store: (typeof stores)[number]) => number) => stores.reduce((all, store) => all + of(store), 0)
  return {
    masters: sum(({ held }) => held.masters),
    replicas: sum(({ held }) => held.replicas),
    bytes: stores.some(({ usage }) => usage === null) ? null : sum(({ usage }) => usage?.bytes ?? 0),
  }
}

export function heldWords({ masters, replicas, bytes: size }: HeldThere): string {
  const buckets = plural(masters + replicas, 'bucket')
  return size === null ? buckets : `${buckets}, ${bytes(size)}`
}

const ground = (cluster: RingClusterFragment): RingMark['ground'] => {
  if (clusterSign(cluster).tone === 'bad') return 'down'
  return cluster.state === 'ACTIVE' ? 'well' : 'shut'
}

const isIll = ({ tone }: Sign) => tone === 'bad' || tone === 'warn'

/** Of the whole fleet: only what is not well has a sign. */
export function fleetMarks(clusters: readonly RingClusterFragment[]): readonly RingMark[] {
  return clusters.map((cluster) => {
    const sign = clusterSign(cluster)
    const held = heldWords(heldIn(cluster))
    return {
      name: cluster.name,
      sign: sign.word === 'healthy' ? null : sign,
      ground: ground(cluster),
      second: isIll(sign) ? sign.word : held,
      first: isIll(sign),
      called: false,
      words: `${cluster.name}: ${sign.word}, ${held}${zoneWords(cluster)}`,
    }
  })
}

/** What the signs on show mean, each once: one may stand for several troubles. */
export function fleetLegend(clusters: readonly RingClusterFragment[]): readonly Sign[] {
  const signs = fleetMarks(clusters).flatMap(({ sign }) => sign ?? [])
  return [...Map.groupBy(signs, ({ glyph, tone }) => `${glyph} ${tone}`).values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const words = new Set([first, ...others].map(({ word }) => word))
    return [{ ...first, word: [...words].toSorted().join(' or ') }]
  })
}

const zoneWords = ({ zones }: RingClusterFragment) => (zones.length === 0 ? '' : `, in ${zones.join(', ')}`)

/** Of one bucket: what it has there, and how many of its calls may go there. */
export function bucketMarks(
  bucket: BucketPartsFragment,
  clusters: readonly RingClusterFragment[],
): readonly RingMark[] {
  const shares = sharesOf(bucket, clusters)
  const taking = shares.filter(({ waits }) => !waits)
  const sum = taking.reduce((all, { weight }) => all + weight, 0)
  return clusters.map((cluster) => {
    const cell = cellOf(bucket, cluster)
    const weight = taking.find((share) => share.cluster.id === cluster.id)?.weight ?? 0
    const calls = weight === 0 || sum === 0 ? null : weightWords(weight, sum)
    return {
      name: cluster.name,
      sign: cell,
      ground: ground(cluster),
      second: [cellLine(cell), calls].filter((word) => word !== null).join(', '),
      first: cell !== null && cell.glyph !== 'forbid',
      called: calls !== null,
      words: `${cellWords(cell, cluster.name)}${calls === null ? ', no calls' : `, ${calls}`}`,
    }
  })
}

const cellLine = (cell: Cell | null): string | null => {
  if (cell === null || cell.glyph === 'forbid') return null
  return cell.hint === undefined || cell.hint === '' ? cell.word : `${cell.word} ${cell.hint}`
}

/** Clusters that the bucket has something on, or sends calls to. */
export const holdersOf = (marks: readonly RingMark[]): ReadonlySet<string> =>
  new Set(marks.filter(({ first, called }) => first || called).map(({ name }) => name))
