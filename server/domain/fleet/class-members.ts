import type { FaasEndpoint } from '../route/routing-table.ts'

/** Those that calls can go to at all: Envoy has no place for what is down. */
export const notDown = <T extends Pick<FaasEndpoint, 'health'>>(all: readonly T[]): readonly T[] =>
  all.filter(({ health }) => health !== 'unhealthy')

/** Of those that a call asks for who may get it: those that are coming back only where nobody is well. */
export function wellFirst<T extends Pick<FaasEndpoint, 'health'>>(asked: readonly T[]): readonly T[] {
  const well = asked.filter(({ health }) => health === 'healthy')
  return well.length > 0 ? well : asked
}

/**
 * Of a placement class's deployments that are not down those that take its calls. What is coming back does only where some call
 * would have nobody else.
 */
export function membersOf<T extends Pick<FaasEndpoint, 'health'>>(
  all: readonly T[],
  functionsOf: (one: T) => readonly string[],
): readonly T[] {
  const well = all.filter(({ health }) => health === 'healthy')
  if (well.length === 0 || well.length === all.length) return all
  const served = new Set(well.flatMap(functionsOf))
  return all.filter((one) => one.health === 'healthy' || functionsOf(one).some((name) => !served.has(name)))
}
