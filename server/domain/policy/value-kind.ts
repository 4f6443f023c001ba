// What values a policy may take, as data: what is refused, what people read and what the console offers all follow from it.
import { durationWords } from '../duration-words.ts'

/**
 * `seconds`: a duration; `replicas`: copies besides the master; `percent`: of what is there; `rank`: a place in an order, higher
 * ones first; `cost`: of a GB, in whatever money; `calls`: under way at once; `tries`: of one call, the first included.
 */
export type Unit =
  | 'seconds'
  | 'replicas'
  | 'objects'
  | 'percent'
  | 'bytes_per_second'
  | 'rank'
  | 'cost'
  | 'calls'
  | 'tries'

/** From `least` to `most`, both included. */
export type NumberKind = {
  readonly kind: 'number'
  readonly unit: Unit
  readonly least: number
  readonly most: number
  readonly whole: boolean
}

/** Of what the names of a list are: of things that must be there, or `origin` (scheme, host, port) as browsers write it. */
export type Named = 'zone' | 'store' | 'caller' | 'origin'

export type PolicyValueKind =
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | NumberKind
  /** An object with whole numbers, e.g. { "objects": 100, "percent": 10 }. */
  | { readonly kind: 'numbers'; readonly parts: Readonly<Record<string, NumberKind>> }
  | { readonly kind: 'names'; readonly of: Named; readonly most: number }
  /** The name of a request header, of at most `most` characters. */
  | { readonly kind: 'header'; readonly most: number }
  /** Times of the week, as `window/time-window.ts` reads them, in at most `most` characters. */
  | { readonly kind: 'window'; readonly most: number }

/** A value that people say in a word, e.g. of `zones` the empty list is `all`. It is taken in place of the value. */
export type ValueWord<V = unknown> = { readonly word: string; readonly value: V }

const listOf: Readonly<Record<Named, string>> = {
  zone: 'list of zones',
  store: 'list of storage deployments',
  caller: 'list of callers',
  origin: 'list of origins',
}

const range = ({ unit, least, most }: NumberKind) =>
  `from ${least} to ${most}${unit === 'seconds' ? ` (${durationWords(most)})` : ''}`

const numberWords: Readonly<Partial<Record<Unit, string>>> = {
  seconds: 'seconds',
  bytes_per_second: 'bytes per second',
  cost: 'number',
}

function kindWords(kind: PolicyValueKind): string {
  switch (kind.kind) {
    case 'choice':
      return `one of ${kind.options.join(', ')}`
    case 'number':
      return `${numberWords[kind.unit] ?? 'whole number'} ${range(kind)}`
    case 'numbers':
      return `{ ${Object.entries(kind.parts)
        .map(([name, part]) => `"${name}": ${part.least} to ${part.most}`)
        .join(', ')} }`
    case 'names':
      return listOf[kind.of]
    case 'header':
      return 'name of a header'
    case 'window':
      return 'times with their zone, such as 22:00-06:00 Europe/Berlin'
  }
}

/** What values look like, for people: `list of zones, or all`. */
export const typeWords = (kind: PolicyValueKind, word: ValueWord | null): string =>
  `${kindWords(kind)}${word === null ? '' : `, or ${word.word}`}`
