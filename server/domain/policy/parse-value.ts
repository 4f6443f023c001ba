// The kinds of values, each with what takes it from JSON. A reason goes on after the policy's name: "zones must be ...".
import { isHeaderName, isOrigin, longestHeader, marksOf, mostMarks, originMeant } from '../http-names.ts'
import { isName } from '../name.ts'
import { longestWindow, readWindow } from '../window/time-window.ts'
import type { Named, NumberKind, PolicyValueKind, Unit } from './value-kind.ts'

export type Parsed<V> = { readonly ok: true; readonly value: V } | { readonly ok: false; readonly reason: string }
export type Values<V> = { readonly kind: PolicyValueKind; readonly parse: (value: unknown) => Parsed<V> }

const ok = <V>(value: V): Parsed<V> => ({ ok: true, value })
const no = (reason: string): Parsed<never> => ({ ok: false, reason })

/** One of `options`; `read` knows other spellings of them. */
export const choice = <V extends string>(options: readonly V[], read: (text: string) => V | undefined): Values<V> => ({
  kind: { kind: 'choice', options },
  parse: (value) => {
    const option = typeof value === 'string' ? read(value) : undefined
    return option === undefined ? no(`must be one of ${options.join(', ')}`) : ok(option)
  },
})

const takes = ({ least, most, whole }: NumberKind, value: unknown): value is number =>
  typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))

const number = (kind: NumberKind, what: string): Values<number> => ({
  kind,
  parse: (value) => (takes(kind, value) ? ok(value) : no(`must be ${what} from ${kind.least} to ${kind.most}`)),
})

export const seconds = (least: number, most: number): Values<number> =>
  number({ kind: 'number', unit: 'seconds', least, most, whole: false }, 'a number of seconds')

const wholeNumber = (unit: Unit, most: number): NumberKind => ({ kind: 'number', unit, least: 0, most, whole: true })

/** A whole number from `least` to `most`. */
export const between = (least: number, most: number, unit: Unit): Values<number> =>
  number({ kind: 'number', unit, least, most, whole: true }, 'a whole number')

/** A whole number from 0. */
export const upTo = (most: number, unit: Unit): Values<number> => number(wholeNumber(unit, most), 'a whole number')

/** A number from 0, with parts. */
export const fraction = (most: number, unit: Unit): Values<number> =>
  number({ kind: 'number', unit, least: 0, most, whole: false }, 'a number')

/** One whole number from 0 for each unit, by its name; `most` says how large each may be. */
export function numbers<U extends Unit>(most: Readonly<Record<U, number>>): Values<Readonly<Record<U, number>>> {
  const units = Object.keys(most) as U[]
  const parts = Object.fromEntries(units.map((unit) => [unit, wholeNumber(unit, most[unit])]))
  const shape = `must be { ${units.map((unit) => `"${unit}": 0 to ${most[unit]}`).join(', ')} } with whole numbers`
  return {
    kind: { kind: 'numbers', parts },
    parse: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return no(shape)
      const given = new Map(Object.entries(value))
      const fits = units.every((unit) => takes(wholeNumber(unit, most[unit]), given.get(unit)))
      return fits && given.size === units.length ? ok(Object.fromEntries(given) as Record<U, number>) : no(shape)
    },
  }
}

const mostNames = 100

type Naming = {
  readonly many: string
  readonly isOne: (text: string) => boolean
  readonly one: string
  readonly kept: (text: string) => string
  /** What one that is none was probably meant to be. */
  readonly meant: (text: string) => string | undefined
}
const name: Naming = { many: 'names', isOne: isName, one: 'a name', kept: (text) => text, meant: () => undefined }
const origin: Naming = {
  many: 'origins',
  isOne: isOrigin,
  one: 'an origin such as https://app.example',
  kept: (text) => text.toLowerCase(),
  meant: originMeant,
}
const namings: Readonly<Record<Named, Naming>> = { zone: name, store: name, caller: name, origin }

/** A list, each name once. Whether there is such a zone or store is not seen here. */
export function names(of: Named): Values<readonly string[]> {
  const { many, isOne, one, kept, meant } = namings[of]
  const notOne = (item: unknown): string => {
    const other = typeof item === 'string' ? meant(item) : undefined
    return `holds ${JSON.stringify(item)}, which is not ${one}${other === undefined ? '' : `: browsers name it ${other}`}`
  }
  return {
    kind: { kind: 'names', of, most: mostNames },
    parse: (value) => {
      if (!Array.isArray(value) || value.length > mostNames) return no(`must be a list of at most ${mostNames} ${many}`)
      const list: unknown[] = value
      const bad = list.find((item) => typeof item !== 'string' || !isOne(item))
      if (bad !== undefined) return no(notOne(bad))
      return ok([...new Set((list as string[]).map(kept))])
    },
  }
}

/** The same values, and null. */
export const orNull = <V>({ kind, parse }: Values<V>): Values<V | null> => ({
  kind,
  parse: (value) => (value === null ? ok(null) : parse(value)),
})

/** A header's name, but none of `taken`. */
export const header = (taken: RegExp): Values<string> => ({
  kind: { kind: 'header', most: longestHeader },
  parse: (value) => {
    if (typeof value !== 'string' || !isHeaderName(value))
      return no(`must be the name of a header: 1 to ${longestHeader} letters, digits, dashes and underscores`)
    if (marksOf(value).length > mostMarks) return no(`must have at most ${mostMarks} dashes and underscores`)
    return taken.test(value) ? no(`must not be ${value}, which has a meaning of its own`) : ok(value)
  },
})

/** Times of the week, written in one way only. */
export const window: Values<string> = {
  kind: { kind: 'window', most: longestWindow },
  parse: (value) => {
    const read = readWindow(typeof value === 'string' ? value : '')
    return typeof read === 'string' ? no(read) : ok(read.text)
  },
}
