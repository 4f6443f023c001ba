// When what is probed takes calls: leaving is at once, coming back is patient. What is new comes in with its first good probe;
// what was down is RETURNING until it has been well for the policy `failback_after` without one miss.
import type { Verdict } from './health-verdict.ts'

/**
 * - `unknown`: not probed yet, or never with a certain result: taken to be well
 * - `returning`: it answers again, and takes calls only where nobody else can
 */
export type Health = 'unknown' | 'healthy' | 'returning' | 'unhealthy'

/** As it is kept, before the probe that is judged. */
export type HealthBefore = {
  readonly health: Health
  /** Since when it is so, in seconds by PostgreSQL's clock; null: not known. */
  readonly seconds: number | null
  /** The policy in force for its cluster, in seconds; 0: it takes calls with its first good probe. */
  readonly failbackAfter: number
}

/** `anew`: it stays what it is, and the time begins again. */
export type NextHealth = { readonly health: Health; readonly anew: boolean }

/** Undefined: too few misses yet to say, or they are not believed, or none that counts. */
export function nextHealth(before: HealthBefore, verdict: Pick<Verdict, 'state' | 'watched'>): NextHealth | undefined {
  switch (verdict.state) {
    case 'healthy':
      return whenWell(before, verdict.watched)
    case 'unhealthy':
      return became('unhealthy')
    case 'missing':
    case 'doubted':
      return before.health === 'returning' ? became('unhealthy') : undefined
    case 'unheard':
      return undefined
  }
}

const became = (health: Health): NextHealth => ({ health, anew: false })

function whenWell({ health, seconds, failbackAfter }: HealthBefore, watched: boolean): NextHealth {
  if (health === 'unknown' || health === 'healthy' || failbackAfter === 0) return became('healthy')
  if (health === 'unhealthy') return became('returning')
  if (!watched) return { health: 'returning', anew: true }
  return became((seconds ?? 0) >= failbackAfter ? 'healthy' : 'returning')
}
