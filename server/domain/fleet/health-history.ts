// How a function deployment was in a time that is over, as far as its kept changes of health tell.
import type { Health } from './failback.ts'

/** Of each store and deployment so many changes are kept. */
export const keptHealthChanges = 100

/** Those that are kept, in their order. Before the first of all it was not probed, and was taken to be well. */
export type HealthHistory = readonly { readonly at: Date; readonly health: Health; readonly detail: string | null }[]

/** `until` null: it goes on. */
export type HealthSpan = { readonly from: Date; readonly until: Date | null }

/** A time in which it was not well, with what was found at its beginning. */
export type Outage = HealthSpan & {
  /** `returning`: it answered again, and got those calls alone that nobody else could take. */
  readonly health: 'unhealthy' | 'returning'
  readonly detail: string | null
}

/** Those that reach into the span, whole. */
export const outagesIn = (history: HealthHistory, span: HealthSpan): Outage[] =>
  outagesOf(history).filter((outage) => meets(outage, span))

const meets = (one: HealthSpan, other: HealthSpan): boolean =>
  (other.until === null || one.from < other.until) && (one.until === null || one.until > other.from)

function outagesOf(history: HealthHistory): Outage[] {
  const turns = history.filter(({ health }, place) => health !== history[place - 1]?.health)
  return turns.flatMap(({ at, health, detail }, turn): Outage[] =>
    health === 'unhealthy' || health === 'returning'
      ? [{ health, detail, from: at, until: turns[turn + 1]?.at ?? null }]
      : [],
  )
}

/** From when in the span on its health is known; null: in all of it. */
export function knownFrom(history: HealthHistory, { from }: HealthSpan): Date | null {
  const [first] = history
  return first !== undefined && history.length >= keptHealthChanges && first.at > from ? first.at : null
}
