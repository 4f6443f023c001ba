// What of the ring is to be seen clearly; all else fades.
import type { RingLink } from './ring-links.ts'

/** What the pointer is on, what has the focus, or what was chosen. */
export type Focus = { readonly cluster: string } | { readonly link: string } | null

export type InFocus = { readonly clusters: ReadonlySet<string>; readonly links: ReadonlySet<string> }

type Facts = {
  readonly clusters: readonly { readonly name: string; readonly zones: readonly string[] }[]
  readonly links: readonly RingLink[]
  readonly focus: Focus
  /** Empty: all zones. */
  readonly zone: string
  /** Clusters that the chosen bucket has something on, or sends calls to; null: none is chosen. */
  readonly holders: ReadonlySet<string> | null
}

/** With a focus its connections only; else what zone and bucket leave. */
export function shownOf({ clusters, links, focus, zone, holders }: Facts): InFocus {
  if (focus !== null) {
    const near = links.filter((link) => ('link' in focus ? link.id === focus.link : touches(link, focus.cluster)))
    const ends = near.flatMap(({ from, to }) => [from, to])
    return {
      clusters: new Set('cluster' in focus ? [focus.cluster, ...ends] : ends),
      links: new Set(near.map(({ id }) => id)),
    }
  }
  const left = clusters.filter(
    ({ name, zones }) => (zone === '' || zones.includes(zone)) && (holders === null || holders.has(name)),
  )
  const names = new Set(left.map(({ name }) => name))
  // A link that leads out of the zone is one of the zone, too.
  const stays = ({ from, to }: RingLink) => names.has(from) || names.has(to)
  return { clusters: names, links: new Set(links.filter(stays).map(({ id }) => id)) }
}

export const touches = ({ from, to }: Pick<RingLink, 'from' | 'to'>, cluster: string): boolean =>
  from === cluster || to === cluster
