// Links between stores, as the console tells of them.
import type { LinkPartsFragment, WaitingPartsFragment } from '../../graphql/generated/operations.ts'
import type { ReasonCode } from '../../server/domain/reason.ts'
import { plural, rate } from './format.ts'
import { type Parts, say, stress } from './parts.ts'

/** Something goes over it, waits for it, or it was paused. */
export const isUsed = ({ moving, waiting, pause, bytesPerSecond }: LinkPartsFragment): boolean =>
  moving > 0 || waiting.objects > 0 || pause !== null || bytesPerSecond !== null

export const linkName = ({ from, to }: LinkPartsFragment): string => `${from.name} -> ${to.name}`

/** Copies that lack something and wait for nothing: those that are held up, and those that are on their way. */
export type Others = { readonly stuck: number; readonly moving: number }

/** What the page says first. */
export function replicationSentence(
  links: readonly LinkPartsFragment[],
  waiting: readonly WaitingPartsFragment[],
  { stuck, moving }: Others,
): Parts {
  if (links.length === 0) return say`Nothing is copied: no bucket has a replica.`
  const paused = links.filter(({ pause }) => pause !== null).length
  const objects = links.reduce((sum, link) => sum + link.waiting.objects, 0)
  const speed = links.reduce((sum, link) => sum + (link.bytesPerSecond ?? 0), 0)
  const pauses = paused === 0 ? '' : ` ${plural(paused, 'link')} ${paused === 1 ? 'is' : 'are'} paused.`
  const copies = (count: number) => stress(plural(count, 'copy', 'copies'))
  const heldUp = stuck === 0 ? say`` : say` ${copies(stuck)} ${stuck === 1 ? 'is' : 'are'} held up.`
  if (objects === 0 && waiting.length === 0) {
    const filled = moving === 0 ? say`` : say` ${copies(moving)} ${moving === 1 ? 'is' : 'are'} being filled.`
    return stuck === 0 && moving === 0
      ? say`Every copy has all that its master has.${pauses}`
      : say`Nothing waits.${filled}${heldUp}${pauses}`
  }
  const onTheirWay = speed > 0 ? say`${stress(rate(speed))} ${'are on their way'}, ` : say``
  return say`${onTheirWay}${stress(plural(objects, 'object'))} ${objects === 1 ? 'waits' : 'wait'} for ${plural(waiting.length, 'copy', 'copies')}.${heldUp}${pauses}`
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
