import type { FaasEndpoint } from '../route/routing-table.ts'

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
