// What needs a person: each with its cause and one place to act, the most harm first.
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  LiveReplicasSubscription,
} from '../../graphql/generated/operations.ts'
import type { GlyphName, Tone } from './cells.ts'
import { plural } from './format.ts'
import { name, type Parts, say } from './parts.ts'
import { isDeleting, sentence } from './words.ts'

export type LiveReplica = LiveReplicasSubscription['replicationProgress']['replica']

export type Attention = {
  readonly id: string
  readonly glyph: GlyphName
  readonly tone: Tone
  readonly what: Parts
  readonly why: string
  readonly href: string
  readonly act: string
  readonly since: string | null
  /** Lower is worse. */
  readonly harm: number
}

export type AttentionFacts = {
  readonly clusters: readonly ClusterPartsFragment[]
  /** Every bucket known to be in trouble; one may be there twice. */
  readonly buckets: readonly BucketPartsFragment[]
  readonly replicas: readonly LiveReplica[]
  readonly connectedProxies: number
}

export const clusterHref = (cluster: string): string => `/clusters/${encodeURIComponent(cluster)}`
export const bucketHref = (bucket: string): string => `/buckets/${encodeURIComponent(bucket)}`

export function attention(facts: AttentionFacts): readonly Attention[] {
  const buckets = [...new Map(facts.buckets.map((bucket) => [bucket.id, bucket])).values()]
  const down = new Set(downStores(facts.clusters))
  const found = [
    ...(facts.connectedProxies === 0 && facts.clusters.length > 0 ? [noProxy] : []),
    ...facts.clusters.flatMap((cluster) => clusterTrouble(cluster, buckets)),
    ...buckets.flatMap((bucket) => bucketTrouble(bucket, down)),
    ...facts.replicas.flatMap((replica) => replicaTrouble(replica, down)),
  ]
  return found.sort((a, b) => a.harm - b.harm || (a.id < b.id ? -1 : 1))
}

const downStores = (clusters: readonly ClusterPartsFragment[]) =>
  clusters.flatMap((cluster) =>
    cluster.storageDeployments.filter((store) => store.health.status === 'UNHEALTHY').map((store) => store.id),
  )

const noProxy: Attention = {
  id: 'proxy',
  glyph: 'fail',
  tone: 'bad',
  what: ['No proxy is connected'],
  why: 'Routes are decided and wait. A proxy that still runs goes on with what it last had.',
  href: '/routing',
  act: 'Open routing',
  since: null,
  harm: 1,
}

function clusterTrouble(cluster: ClusterPartsFragment, buckets: readonly BucketPartsFragment[]): Attention[] {
  const href = clusterHref(cluster.name)
  const stores = cluster.storageDeployments
    .filter((store) => store.health.status === 'UNHEALTHY')
    .map((store): Attention => {
      const lying = buckets.filter((bucket) => liesOn(bucket, store.id)).length
      const rest =
        lying > 0 ? ` ${plural(lying, 'bucket')} with a copy there ${lying === 1 ? 'is' : 'are'} short of it.` : ''
      return {
        id: `store:${store.id}`,
        glyph: 'fail',
        tone: 'bad',
        what: say`Store ${name(store.name)} is down`,
        why: `${sentence(store.health.detail ?? 'It does not answer')} Calls go to the other copies.${rest}`,
        href,
        act: 'Open',
        since: store.health.since,
        harm: 2,
      }
    })
  const calls = cluster.faasDeployments
    .filter((one) => one.health.status === 'UNHEALTHY')
    .map(
      (one): Attention => ({
        id: `functions:${one.id}`,
        glyph: 'warn',
        tone: 'warn',
        what: say`Functions of ${name(cluster.name)} do not answer`,
        why: sentence(one.health.detail ?? `${one.url} gives no answer`),
        href,
        act: 'Open',
        since: one.health.since,
        harm: 5,
      }),
    )
  return [...stores, ...calls]
}

const liesOn = (bucket: BucketPartsFragment, store: string) =>
  bucket.master.storageDeployment.id === store || bucket.replicas.some((one) => one.storageDeployment.id === store)

/** One cause, one line: a store that is down, or a copy that failed, tells of the buckets that are short of it. */
function bucketTrouble(bucket: BucketPartsFragment, down: ReadonlySet<string>): Attention[] {
  if (isDeleting(bucket)) return []
  const base = { href: bucketHref(bucket.name), act: 'Open', since: null }
  const why = bucket.placement.reasons.map((reason) => sentence(reason.message)).join(' ')
  const said = name(bucket.name)
  if (bucket.route.state === 'UNROUTABLE') {
    const text = why || 'No cluster has a copy that may serve: calls get 503.'
    return [
      {
        ...base,
        id: `bucket:${bucket.id}`,
        glyph: 'fail',
        tone: 'bad',
        what: say`Nothing serves ${said}`,
        why: text,
        harm: 0,
      },
    ]
  }
  if (bucket.placement.condition === 'INFEASIBLE') {
    const what = say`${said} cannot be placed as asked`
    return [{ ...base, id: `bucket:${bucket.id}`, glyph: 'infeasible', tone: 'bad', what, why, harm: 3 }]
  }
  if (bucket.route.state === 'REJECTED') {
    const text = 'A proxy keeps the last good route; calls go on.'
    return [
      {
        ...base,
        id: `route:${bucket.id}`,
        glyph: 'warn',
        tone: 'warn',
        what: say`The route of ${said} was rejected`,
        why: text,
        href: '/routing',
        harm: 6,
      },
    ]
  }
  const folded =
    [...down].some((store) => liesOn(bucket, store)) || bucket.replicas.some((one) => one.state === 'FAILED')
  if (bucket.placement.condition !== 'DEGRADED' || folded) return []
  return [
    {
      ...base,
      id: `bucket:${bucket.id}`,
      glyph: 'warn',
      tone: 'warn',
      what: say`${said} is short of a copy`,
      why,
      harm: 7,
    },
  ]
}

function replicaTrouble(replica: LiveReplica, down: ReadonlySet<string>): Attention[] {
  if (down.has(replica.storageDeployment.id)) return []
  const cluster = replica.storageDeployment.cluster.name
  const base = { id: `replica:${replica.id}`, href: bucketHref(replica.bucket.name), act: 'Open', since: null }
  if (replica.state === 'FAILED') {
    const what = say`The copy of ${name(replica.bucket.name)} on ${name(cluster)} failed`
    return [{ ...base, glyph: 'fail', tone: 'bad', what, why: sentence(replica.cause ?? 'It is tried again'), harm: 4 }]
  }
  if (replica.state === 'LAGGING' && !replica.serving) {
    const what = say`${name(replica.bucket.name)} is late on ${name(cluster)}`
    const why =
      replica.cause ?? `${plural(replica.lag.objects, 'object')} behind: it serves nothing until it has caught up`
    return [{ ...base, glyph: 'lag', tone: 'warn', what, why: sentence(why), harm: 7 }]
  }
  return []
}
