// Which links a mover works on. A rule names the stores of both ends; null is any.
import { isOfMaster, type Link } from './link.ts'

/** By the names of stores. */
export type LinkRule = { readonly from: string | null; readonly to: string | null }

/** `a->b,*->c`. Throws what is wrong with the text. */
export function parseLinkRules(text: string): readonly LinkRule[] {
  const rules = text.split(',').map((one) => {
    const [from = '', to = '', ...more] = one.split('->').map((name) => name.trim())
    if (from === '' || to === '' || more.length > 0)
      throw new Error(`${JSON.stringify(one.trim())} is no link: name two stores such as hpc->edge, * is any store`)
    return { from: from === '*' ? null : from, to: to === '*' ? null : to }
  })
  return rules
}

export const linkRuleWords = ({ from, to }: LinkRule): string => `${from ?? '*'}->${to ?? '*'}`

/** The same by the ids of stores. Null: all links. */
export type ServedLinks = readonly LinkRule[] | null

/** Rules as they can be followed now, and the names that no store has: what names one of them is not served. */
export function resolveRules(
  rules: readonly LinkRule[],
  ids: ReadonlyMap<string, string>,
): { readonly served: readonly LinkRule[]; readonly unknown: readonly string[] } {
  const isKnown = (name: string | null) => name === null || ids.has(name)
  const idOf = (name: string | null) => (name === null ? null : (ids.get(name) ?? null))
  const names = new Set(rules.flatMap(({ from, to }) => [from, to]).filter((name) => !isKnown(name)))
  return {
    served: rules
      .filter(({ from, to }) => isKnown(from) && isKnown(to))
      .map(({ from, to }) => ({ from: idOf(from), to: idOf(to) })),
    unknown: [...names].flatMap((name) => name ?? []).sort(),
  }
}

/**
 * Whoever serves a link looks after the masters on the store that it leads from, too: what FaDO knows of them (from and to are the
 * same store) is asked of that store alone.
 */
export const servesLink = (served: ServedLinks, link: Link): boolean =>
  served === null ||
  served.some(
    ({ from, to }) =>
      (from === null || from === link.fromStorageId) && (isOfMaster(link) || to === null || to === link.toStorageId),
  )
