// Where the names of clusters stand around the ring, so that none lies on another: upright where there is room for all, with a
// second line or without, else along the radius, and where even that is too dense only some of them.
import { cutMiddle } from '../cut-text.ts'
import { apart, pointAt, type Segment } from './geometry.ts'

export type RingLabel = {
  readonly name: string
  /** The name, cut where it is too long. */
  readonly text: string
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  /** Degrees clockwise. */
  readonly turn: number
  /** There is room for a second line below it. */
  readonly second: boolean
}

export type LabelInput = {
  readonly segments: readonly Segment[]
  readonly width: number
  readonly first: ReadonlySet<string>
  /** From the inner radius of the ring to the names. */
  readonly around: number
  /** Bounds of the inner radius. */
  readonly radii: { readonly least: number; readonly most: number }
}
type Laid = {
  readonly labels: readonly RingLabel[]
  readonly inner: number
  /** How far all this reaches above and below the centre. */
  readonly top: number
  readonly bottom: number
}

/** Of the font that names are set in, at 12 px. */
export const letter = 7.25
export const lineHeight = 15
/** The second line: its place below the first, and how much of it is shown. */
export const secondLine = 14
export const mostSecond = 22
const secondWidth = mostSecond * 5.8
const mostLetters = 20
const leastLetters = 5
/** Turned names are many, and their ring needs room. */
const mostTurned = 16
const margin = 4

export const layLabels = (input: LabelInput): Laid => upright(input, true) ?? upright(input, false) ?? turned(input)

const clamp = (n: number, least: number, most: number) => Math.max(least, Math.min(most, n))
const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length)) * letter

/** Left and right of it names stand beside their segment, near the top and the bottom above and below it. */
const beside = 0.25
/** Less than that is no ring to look at while names can be turned. */
const fairRadius = 56

function upright({ segments, width, around, radii }: LabelInput, second: boolean): Laid | null {
  const texts = segments.map(({ name }) => cutMiddle(name, mostLetters, leastLetters) ?? '')
  const room = Math.max(longest(texts), second ? secondWidth : 0)
  const fitting = width / 2 - around - room - margin
  if (fitting < fairRadius) return null
  const inner = clamp(fitting, radii.least, radii.most)
  const labels = segments.map(({ name, mid }, index): RingLabel => {
    const { x, y } = pointAt(inner + around, mid)
    const side = Math.sin(mid)
    const anchor = side > beside ? 'start' : side < -beside ? 'end' : 'middle'
    const down = anchor !== 'middle' ? margin : y < 0 ? (second ? -secondLine : 0) : lineHeight - margin
    return { name, text: texts[index] ?? '', x, y: y + down, anchor, turn: 0, second }
  })
  const boxes = labels.map(uprightBox)
  const clash = boxes.some((box, at) => boxes.slice(at + 1).some((other) => overlap(box, other)))
  const outside = boxes.some(({ left, right }) => Math.max(-left, right) > width / 2)
  if (clash || outside) return null
  const least = inner + around
  const top = Math.max(least, ...boxes.map((box) => -box.top))
  return { labels, inner, top: top + margin, bottom: Math.max(least, ...boxes.map((box) => box.bottom)) + margin }
}

export type Box = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }

/** What an upright name takes with its second line. */
export function uprightBox({ text, x, y, anchor, second }: RingLabel): Box {
  const width = Math.max(text.length * letter, second ? secondWidth : 0)
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
  return { left, right: left + width, top: y - lineHeight + margin, bottom: y + margin + (second ? secondLine : 0) }
}

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

function turned({ segments, width, first, around, radii }: LabelInput): Laid {
  // A share of the width, or what the smallest ring leaves.
  const fair = Math.min(mostTurned, Math.floor(Math.min(width / 6, width / 2 - around - radii.least - margin) / letter))
  const texts = new Map(segments.map(({ name }) => [name, cutMiddle(name, fair, leastLetters) ?? '']))
  const space = longest([...texts.values()])
  const inner = clamp(width / 2 - around - space - margin, radii.least, radii.most)
  const radius = inner + around
  const shown: Segment[] = []
  for (const segment of [...segments].sort((a, b) => Number(first.has(b.name)) - Number(first.has(a.name)))) {
    if (shown.every(({ mid }) => apart(mid, segment.mid) * radius >= lineHeight)) shown.push(segment)
  }
  const labels = segments
    .filter((segment) => shown.includes(segment))
    .map(({ name, mid }): RingLabel => {
      const left = Math.sin(mid) < -1e-9
      const turn = (mid * 180) / Math.PI + (left ? 90 : -90)
      const anchor = left ? 'end' : 'start'
      return { name, text: texts.get(name) ?? '', ...pointAt(radius, mid), anchor, turn, second: false }
    })
  const reach = radius + space + margin
  return { labels, inner, top: reach, bottom: reach }
}
