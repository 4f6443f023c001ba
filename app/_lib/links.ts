// Links between stores, as the console tells of them.
import type { LinkPartsFragment, WaitingPartsFragment } from '../../graphql/generated/operations.ts'
import { isUnserved } from '../../server/domain/links/unserved.ts'
import type { ReasonCode } from '../../server/domain/reason.ts'
import type { LiveReplica } from './attention-item.ts'
import { count, duration, plural, rate } from './format.ts'
import { isMoving, isStuck } from './moving.ts'
import { names, type Parts, say, sentences, stress } from './parts.ts'

/** `No mover serves 2 of 5 links`; null: each link that copies need has one. */
export function unservedWords(links: readonly LinkPartsFragment[]): Parts | null {
  const unserved = links.filter(isUnserved).length
  if (unserved === 0) return null
  return unserved === links.length
    ? say`No mover serves any link`
    : say`No mover serves ${stress(count(unserved))} of ${plural(links.length, 'link')}`
}

export const linkName = ({ from, to }: LinkPartsFragment): string => `${from.name} -> ${to.name}`

/** Copies that lack something though nothing of them waits. */
export type Lacking = {
  /** Their first copy is not whole. */
  readonly partial: number
  readonly behind: number
  /** How old the oldest change is that one of these lacks. */
  readonly oldestSeconds: number
  /** Nothing is on its way to them. */
  readonly stuck: number
}

export function lackingOf(copies: readonly LiveReplica[]): Lacking {
  const moving = copies.filter(isMoving)
  const behind = moving.filter(({ state }) => state === 'LAGGING')
  return {
    partial: moving.length - behind.length,
    behind: behind.length,
    oldestSeconds: Math.max(0, ...behind.map(({ lag }) => lag.oldestSeconds)),
    stuck: copies.filter(isStuck).length,
  }
}

/** What the page says first. `lacking`: undefined while no copy was heard of. */
export function replicationSentence(
  links: readonly LinkPartsFragment[],
  waiting: readonly WaitingPartsFragment[],
  lacking: Lacking | undefined,
): Parts {
  if (links.length === 0) return say`Nothing is copied: no bucket has a replica.`
  const paused = links.filter(({ pause }) => pause !== null).length
  const pauses = paused === 0 ? [] : [say`${plural(paused, 'link')} ${paused === 1 ? 'is' : 'are'} paused.`]
  const said = [...onTheWay(links, waiting), ...(lacking ? lackingSentences(lacking, waiting.length > 0) : [])]
  const whole = lacking ? wholeSentence(links) : say`Nothing waits.`
  const unserved = unservedWords(links)
  return sentences([...(said.length === 0 ? [whole] : said), ...(unserved ? [[...unserved, '.']] : []), ...pauses])
}

/** What a store that is down has changed or lost meanwhile nobody knows. */
function wholeSentence(links: readonly LinkPartsFragment[]): Parts {
  const used = links.filter(({ copies }) => copies > 0).flatMap(({ from, to }) => [from, to])
  const down = [...new Set(used.filter(({ health }) => health.status === 'UNHEALTHY').map(({ name }) => name))].sort()
  if (down.length === 0) return say`Every copy has all that its master has.`
  return say`As far as is known every copy has all that its master has: ${names(down)} ${down.length === 1 ? 'is' : 'are'} down.`
}

function onTheWay(links: readonly LinkPartsFragment[], waiting: readonly WaitingPartsFragment[]): readonly Parts[] {
  const total = (of: (link: LinkPartsFragment) => number) => links.reduce((sum, link) => sum + of(link), 0)
  const speed = total(({ bytesPerSecond }) => bytesPerSecond ?? 0)
  // What tries a store that is in trouble waits for it, and its link has it on the way.
  const told = waiting.reduce((sum, copy) => sum + Math.max(0, ...copy.waiting.map((why) => why.objects)), 0)
  const [objects, moving] = [
    Math.max(
      told,
      total((link) => link.waiting.objects),
    ),
    total((link) => link.moving),
  ]
  const counted = (n: number) => stress(plural(n, 'object'))
  if (objects === 0 && waiting.length === 0)
    return moving === 0
      ? []
      : [say`${counted(moving)} ${moving === 1 ? 'is' : 'are'} on ${moving === 1 ? 'its' : 'their'} way.`]
  const rates = speed >= 1 ? say`${stress(rate(speed))} on the way, ` : say``
  return [
    say`${rates}${counted(objects)} ${objects === 1 ? 'waits' : 'wait'} for ${plural(waiting.length, 'copy', 'copies')}.`,
  ]
}

/** `more`: others were told of before. */
function lackingSentences({ partial, behind, oldestSeconds, stuck }: Lacking, more: boolean): readonly Parts[] {
  const also = more ? 'more ' : ''
  const some = (n: number, rest: string): readonly Parts[] =>
    n === 0 ? [] : [say`${stress(plural(n, `${also}copy`, `${also}copies`))} ${n === 1 ? 'is' : 'are'} ${rest}.`]
  return [
    ...some(partial, 'not whole yet'),
    ...some(behind, `behind${oldestSeconds > 0 ? `, by up to ${duration(oldestSeconds)}` : ''}`),
    ...some(stuck, 'held up'),
  ]
}

/** A reason that a new try may cure. */
export const isRetry = (code: string): boolean => code === 'TRIED_AGAIN' || code === 'CALL_FAILED'

/** Why bytes come from there, in a few words; the reason's message says more. A later FaDO may have other codes. */
export function sourceWords(code: string): string {
  switch (code as ReasonCode) {
    case 'MASTER_ONLY':
      return 'from the master: nobody else has it'
    case 'MASTER_BEST':
      return 'from the master: no copy is cheaper, nearer or faster'
    case 'CHEAPER':
      return 'from this copy: cheaper than from the master'
    case 'NEARER':
      return 'from this copy: nearer than the master'
    case 'FASTER_LINK':
      return 'from this copy: faster than the master'
    case 'MASTER_AWAY':
      return 'from this copy: the master is away'
    default:
      return code
  }
}

/** What lowered how many are under way at once, in a few words; the reason's message says more. */
export function loweredWords(code: string): string {
  switch (code as ReasonCode) {
    case 'STORE_SLOWER':
      return 'lowered: slower'
    case 'STORE_BUSY':
      return 'lowered: busy'
    case 'STORE_UNREACHABLE':
      return 'lowered: no answer'
    default:
      return code
  }
}
