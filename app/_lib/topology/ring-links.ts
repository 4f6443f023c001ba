// Links between clusters, as the ring shows them: those of all their stores together.
import type {
  BucketPartsFragment,
  RingClusterFragment,
  RingLinkFragment,
} from '../../../graphql/generated/operations.ts'
import { isFlowing, isUsed } from '../../../server/domain/links/in-use.ts'
import { isUnserved } from '../../../server/domain/links/unserved.ts'
import type { Tone } from '../cells.ts'

export type RingLink = {
  /** `hpc -> edge` */
  readonly id: string
  readonly from: string
  readonly to: string
  /** Null: no byte went over it lately. */
  readonly bytesPerSecond: number | null
  /** Objects under way, and what waits. */
  readonly moving: number
  readonly waiting: { readonly objects: number; readonly bytes: number }
  /** Copies there of masters here. */
  readonly copies: number
  readonly state: RingLinkState
}
export type RingLinkState = 'flowing' | 'waiting' | 'paused' | 'unserved' | 'idle'

const tones: Readonly<Record<RingLinkState, Tone>> = {
  flowing: 'accent',
  waiting: 'accent',
  paused: 'warn',
  unserved: 'warn',
  idle: 'faint',
}
export const toneOf = ({ state }: Pick<RingLink, 'state'>): Tone => tones[state]

const linkIdOf = (from: string, to: string): string => `${from} -> ${to}`

/**
 * `used`: links with which something goes on, as they are now; `all`: every link, as it was a while ago. What is only in the
 * latter is idle by now. The busiest come first.
 */
export function ringLinks(
  used: readonly RingLinkFragment[],
  all: readonly RingLinkFragment[],
  clusters: readonly RingClusterFragment[],
): readonly RingLink[] {
  const homes = new Map(
    clusters.flatMap(({ name, storageDeployments }) => storageDeployments.map(({ id }) => [id, name])),
  )
  const isNow = new Set(used.map(endsOf))
  const past = all.filter((link) => !isNow.has(endsOf(link))).map(idle)
  const placed = [...used, ...past].flatMap((link) => {
    const [from, to] = [homes.get(link.from.id), homes.get(link.to.id)]
    return from === undefined || to === undefined || from === to ? [] : [{ link, id: linkIdOf(from, to), from, to }]
  })
  const groups = Map.groupBy(placed, ({ id }) => id)
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      return first
        ? [
            together(
              first,
              group.map(({ link }) => link),
            ),
          ]
        : []
    })
    .sort(busiestFirst)
}

const endsOf = ({ from, to }: RingLinkFragment) => `${from.id} ${to.id}`

const idle = (link: RingLinkFragment): RingLinkFragment => ({
  ...link,
  bytesPerSecond: null,
  moving: 0,
  waiting: { objects: 0, bytes: 0 },
  comparing: null,
  pause: null,
  // It would be among the used if it lacked one.
  movers: 1,
})

type Ends = Pick<RingLink, 'id' | 'from' | 'to'>

function together({ id, from, to }: Ends, links: readonly RingLinkFragment[]): RingLink {
  const sum = (of: (link: RingLinkFragment) => number) => links.reduce((all, link) => all + of(link), 0)
  const speeds = links.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? [])
  return {
    ...{ id, from, to },
    bytesPerSecond: speeds.length === 0 ? null : speeds.reduce((all, one) => all + one, 0),
    moving: sum(({ moving }) => moving),
    waiting: { objects: sum(({ waiting }) => waiting.objects), bytes: sum(({ waiting }) => waiting.bytes) },
    copies: sum(({ copies }) => copies),
    state: stateOf(links),
  }
}

function stateOf(links: readonly RingLinkFragment[]): RingLinkState {
  if (links.some(isUnserved)) return 'unserved'
  if (links.some(({ pause }) => pause !== null)) return 'paused'
  if (links.some(isFlowing)) return 'flowing'
  return links.some(isUsed) ? 'waiting' : 'idle'
}

const busiestFirst = (a: RingLink, b: RingLink) =>
  (b.bytesPerSecond ?? -1) - (a.bytesPerSecond ?? -1) ||
  b.moving - a.moving ||
  b.waiting.objects - a.waiting.objects ||
  Number(b.state !== 'idle') - Number(a.state !== 'idle') ||
  b.copies - a.copies ||
  (a.id < b.id ? -1 : 1)

/** Where the copies of one bucket come from: its master. */
export function linksOfBucket({ master, replicas, pause }: BucketPartsFragment): readonly RingLink[] {
  const from = master.storageDeployment.cluster.name
  return replicas.flatMap(({ storageDeployment, state, lag, progress }) => {
    const to = storageDeployment.cluster.name
    if (to === from) return []
    const isFirst = state === 'SYNCING' || state === 'CREATING' || state === 'PENDING'
    const bytesPerSecond = isFirst || lag.objects > 0 ? (progress?.bytesPerSecond ?? null) : null
    const waits = isFirst || lag.objects > 0
    return [
      {
        ...{ id: linkIdOf(from, to), from, to, bytesPerSecond, moving: 0, copies: 1 },
        waiting: { objects: lag.objects, bytes: lag.bytes },
        state: pause !== null && waits ? 'paused' : bytesPerSecond !== null ? 'flowing' : waits ? 'waiting' : 'idle',
      } satisfies RingLink,
    ]
  })
}

/** So many are drawn at once; the others are in the table. */
export const mostDrawn = 120
/** Of so many idle ones all are drawn, too. */
const mostIdle = 40

/** The busiest; idle ones where there are few. */
export function drawnLinks(links: readonly RingLink[]): readonly RingLink[] {
  const showIdle = links.filter(({ state }) => state === 'idle').length <= mostIdle
  return links.filter(({ state }) => showIdle || state !== 'idle').slice(0, mostDrawn)
}

/** Those of a cluster that are not drawn already: they come and go without moving the others. */
export function linksBeside(drawn: readonly RingLink[], links: readonly RingLink[], at: string): readonly RingLink[] {
  const known = new Set(drawn.map(({ id }) => id))
  return links.filter(({ id, from, to }) => (from === at || to === at) && !known.has(id)).slice(0, mostDrawn)
}

const idleWidth = 1
const leastWidth = 1.75
/** Of the widest, where few links are drawn and where many are: those must leave room for each other. */
const mostWidth = { few: 12, many: 4 }
const fewLinks = 6

/** In pixels: its square grows with the speed, so that a slow link can be seen beside a fast one. `drawn`: how many links are. */
export function widthOf({ bytesPerSecond, state }: RingLink, drawn: number): number {
  if (state === 'idle') return idleWidth
  const most = Math.max(mostWidth.many, mostWidth.few * Math.min(1, Math.sqrt(fewLinks / Math.max(1, drawn))))
  const width = Math.sqrt((bytesPerSecond ?? 0) / 1e6) * 1.5 * (most / mostWidth.few)
  return Math.min(most, Math.max(leastWidth, width))
}
