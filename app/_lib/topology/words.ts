// The Topology screen in sentences.
import type { RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { perSecond, waited, whoseErrors } from '../calls.ts'
import { clusterSentence, clustersSentence } from '../cluster-words.ts'
import { bytes, count, plural, rate } from '../format.ts'
import { name, type Parts, say, sentences, stress } from '../parts.ts'
import type { Calls } from './calls.ts'
import { touches } from './focus.ts'
import { type HeldThere, heldIn } from './marks.ts'
import type { RingLink } from './ring-links.ts'

export const topologySentence = (clusters: readonly RingClusterFragment[], links: readonly RingLink[]): Parts =>
  sentences([clustersSentence(clusters), copyingSentence(links)])

function copyingSentence(links: readonly RingLink[]): Parts {
  const flowing = links.filter(({ state }) => state === 'flowing')
  const held = links.filter(({ state }) => state === 'paused' || state === 'unserved').length
  const speed = speedOf(flowing)
  const over = say`over ${plural(flowing.length, 'link')}`
  const still = held === 0 ? say`` : say`, ${stress(count(held))} ${held === 1 ? 'stands' : 'stand'} still`
  if (flowing.length === 0) return held === 0 ? say`Nothing is copied now.` : say`Nothing is copied now${still}.`
  return speed < 1 ? say`Copies move ${over}${still}.` : say`Copies move at ${stress(rate(speed))} ${over}${still}.`
}

export const speedOf = (links: readonly RingLink[]): number =>
  links.reduce((all, { bytesPerSecond }) => all + (bytesPerSecond ?? 0), 0)

/** `3.1 MB/s`, or what holds it up. */
export function flowWords({ state, bytesPerSecond }: RingLink): string {
  if (state === 'paused') return 'paused'
  if (state === 'unserved') return 'no mover'
  if (bytesPerSecond !== null) return rate(bytesPerSecond)
  return state === 'idle' ? 'idle' : state === 'waiting' ? 'waits' : 'moving'
}

export function linkSentence(link: RingLink): Parts {
  const way = say`${name(link.from)} to ${name(link.to)}`
  const waits = waitWords(link)
  const rest = waits === null ? say`` : say` ${waits}.`
  switch (link.state) {
    case 'paused':
      return say`The copying from ${way} is paused.${rest}`
    case 'unserved':
      return say`No mover serves the link from ${way}: copies get nothing over it.${rest}`
    case 'flowing':
      return link.bytesPerSecond === null
        ? say`Copies move from ${way}.${rest}`
        : say`Copies move from ${way} at ${stress(rate(link.bytesPerSecond))}.${rest}`
    case 'waiting':
      return say`Copies wait to go from ${way}.${rest}`
    case 'idle':
      return say`Nothing goes from ${way} now.`
  }
}

export function waitWords({ waiting }: RingLink): string | null {
  if (waiting.objects === 0) return null
  const size = waiting.bytes > 0 ? `, ${bytes(waiting.bytes)}` : ''
  return `${plural(waiting.objects, 'object')}${size} ${waiting.objects === 1 ? 'waits' : 'wait'}`
}

/** A cluster as the line below the ring tells it. */
export const ringClusterSentence = (cluster: RingClusterFragment, links: readonly RingLink[]): Parts =>
  sentences([
    clusterSentence(cluster),
    say`It holds ${heldSentence(heldIn(cluster))}.`,
    ...wayWords(cluster.name, links),
  ])

const heldSentence = ({ masters, replicas, bytes: size }: HeldThere): string =>
  masters + replicas === 0
    ? 'no bucket'
    : `${plural(masters, 'master')} and ${plural(replicas, 'replica')}${size === null ? '' : `, ${bytes(size)}`}`

function wayWords(cluster: string, links: readonly RingLink[]): readonly Parts[] {
  const here = links.filter((link) => touches(link, cluster))
  const [arriving, leaving] = [here.filter(({ to }) => to === cluster), here.filter(({ from }) => from === cluster)]
  const told = [
    ...(speedOf(arriving) >= 1 ? [`${rate(speedOf(arriving))} come in`] : []),
    ...(speedOf(leaving) >= 1 ? [`${rate(speedOf(leaving))} go out`] : []),
  ]
  return told.length === 0 ? [] : [say`${told.join(', ')}.`]
}

/** `12/s, 95 % within 40 ms` */
export function callWords({ callsPerSecond, p95Ms }: Calls): string {
  const late = p95Ms === null ? '' : `, 95\u00a0% within ${waited(p95Ms)}`
  return `${perSecond(callsPerSecond)}${late}`
}

/** Whose errors there are; null: none. */
export function errorWords(calls: Calls): string | null {
  const told = whoseErrors(calls).filter(([, n]) => n > 0)
  return told.length === 0 ? null : told.map(([whose, n]) => `${perSecond(n)} ${whose}`).join(', ')
}
