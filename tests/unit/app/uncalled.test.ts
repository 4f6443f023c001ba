import { describe, expect, test } from 'vitest'
import { uncalledWords } from '../../../app/_lib/uncalled.ts'
import type { HealthStatus } from '../../../graphql/generated/operations.ts'
import { bucket, cluster, route } from './fixtures.ts'

describe('why a copy takes no calls', () => {
  /** Of the copy on edge; `serves`: edge is in the route. */
  function why(store: HealthStatus, functions: readonly HealthStatus[], serves: boolean) {
    const { faasDeployments, ...edge } = cluster('edge', { store })
    const all = functions.flatMap((status) =>
      faasDeployments.map((one) => ({ ...one, health: { ...one.health, status } })),
    )
    const clusters = [cluster('hpc'), { ...edge, faasDeployments: all }]
    const place = { id: edge.storageDeployments[0]?.id ?? '', cluster: { id: edge.id } }
    return uncalledWords(bucket({ route: route(serves ? ['edge', 'hpc'] : ['hpc']) }), clusters, place, serves)
  }
  test('is said of a store that is down, and of one that is coming back', () => {
    expect(why('UNHEALTHY', ['HEALTHY'], false)).toBe('its store is down')
    expect(why('DEGRADED', ['HEALTHY'], false)).toBe('its store is coming back')
    expect(why('HEALTHY', ['HEALTHY'], false)).toBeNull()
  })
  test('is nothing where one that is coming back serves, as nobody else can', () => {
    expect(why('DEGRADED', ['HEALTHY'], true)).toBeNull()
  })
  test('is said of functions: there are none, they do not answer, or they are coming back while others are well', () => {
    expect(why('HEALTHY', [], true)).toBe('no functions')
    expect(why('HEALTHY', ['UNHEALTHY', 'UNHEALTHY'], true)).toBe('its functions do not answer')
    expect(why('HEALTHY', ['UNHEALTHY', 'DEGRADED'], true)).toBe('its functions are coming back')
    expect(why('HEALTHY', ['HEALTHY', 'DEGRADED'], true)).toBeNull()
  })
})
