import { expect, test } from 'vitest'
import { newBucket, type TypedBucket } from '../../../app/_lib/new-bucket.ts'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'

const cluster = (name: string, zones: readonly string[], stores: readonly string[] = [name]) =>
  ({ name, zones, storageDeployments: stores.map((store) => ({ name: store })) }) as unknown as ClusterPartsFragment
const clusters = [cluster('edge', ['germany']), cluster('hpc', ['germany', 'fast']), cluster('bare', ['france'], [])]

const typed = (given: Partial<TypedBucket>, fleetZones: unknown = []) =>
  newBucket(clusters, fleetZones, { chosen: undefined, zones: [], copies: '', ...given })

test('a store that the zones in force allow is offered, its own before the fleet’s; none before those are known', () => {
  expect(typed({})).toMatchObject({ store: 'edge', outside: false })
  expect(typed({}, ['fast'])).toMatchObject({ store: 'hpc', inForce: ['fast'] })
  expect(typed({ zones: ['germany'] }, ['fast'])).toMatchObject({ store: 'edge', inForce: ['germany'] })
  expect(typed({}, null)).toMatchObject({ store: '', outside: false })
  expect(typed({ zones: ['fast'], chosen: 'edge' })).toMatchObject({ store: 'edge', outside: true })
})

test('a zone that no cluster has is a mistake, unless it is still being typed', () => {
  expect(typed({ zones: ['ger'] })).toMatchObject({ hasUnknown: true, typos: [] })
  expect(typed({ zones: ['germany', 'mars'] })).toMatchObject({ hasUnknown: true, typos: ['mars'] })
  expect(typed({ zones: ['germany'] })).toMatchObject({ hasUnknown: false, typos: [] })
})

test('only what was typed is a policy of the bucket, and a refusal names it by its place', () => {
  expect(typed({}).policies).toEqual([])
  const { policies, at } = typed({ zones: ['fast'], copies: '1' })
  expect(policies).toEqual([
    { name: 'zones', value: ['fast'] },
    { name: 'target_replica_count', value: 1 },
  ])
  expect([at('zones'), at('target_replica_count')]).toEqual(['policies.0', 'policies.1'])
  expect(typed({ copies: '0' }).at('target_replica_count')).toBe('policies.0')
})

test('more copies than other clusters have stores for are told to wait', () => {
  expect(typed({ copies: '1' }).room).toBeNull()
  expect(typed({ copies: '2' }).room).toContain('Only 1 other cluster has a store')
  expect(typed({}).room).toBeNull()
})
