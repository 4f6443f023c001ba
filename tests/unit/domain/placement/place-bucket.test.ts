import { describe, expect, test } from 'vitest'
import { placeBucket } from '../../../../server/domain/placement/place-bucket.ts'
import type { PlacementInput } from '../../../../server/domain/placement/placement.ts'
import type { PlacementCluster } from '../../../../server/domain/placement/placement-rules.ts'
import { classesOf } from '../../../../server/domain/placement/select.ts'
import { bucketPolicies } from '../../../../server/domain/policy/effective.ts'

const cluster = (name: string, zones: string[], change: Partial<PlacementCluster> = {}): PlacementCluster => ({
  name,
  zones,
  state: 'active',
  functions: 1,
  stores: [{ id: `${name}-id`, name, active: true, healthy: true, foreignBucket: false }],
  ...change,
})
const paper = [
  cluster('hpc', ['germany', 'high-performance']),
  cluster('edge', ['germany', 'high-performance']),
  cluster('cloud', ['germany']),
]
const place = (bucket: Record<string, unknown>, change: Partial<PlacementInput> = {}) =>
  placeBucket({
    masterStorageId: 'hpc-id',
    policies: bucketPolicies({ bucket }),
    clusters: paper,
    present: [],
    classesInUse: [],
    ...change,
  })
const codes = (placement: ReturnType<typeof place>) => placement.reasons.map((reason) => reason.code)

describe("the paper's policies", () => {
  test('count 0: the master alone', () => {
    expect(place({ zones: ['germany'] })).toMatchObject({ condition: 'PLACED', replicas: [], reasons: [] })
  })
  test('count 2 in germany: both others', () => {
    expect(place({ zones: ['germany'], target_replica_count: 2 }).replicas).toEqual(['cloud-id', 'edge-id'])
  })
  test('narrowed to high-performance: edge only, degraded, and why', () => {
    const placement = place({ zones: ['high-performance'], target_replica_count: 2 })
    expect(placement).toMatchObject({ condition: 'DEGRADED', replicas: ['edge-id'] })
    expect(placement.reasons[0]).toEqual({
      code: 'TOO_FEW_CLUSTERS',
      message: '2 replicas wanted, 1 placed: cloud: lies in germany, allowed is high-performance',
    })
    const verdict = placement.clusters.find((one) => one.cluster === 'cloud')?.rules.find((one) => one.rule === 'zones')
    expect(verdict).toMatchObject({ verdict: 'failed', flip: 'zones with germany' })
  })
})

const edgeStore = { id: 'edge-id', name: 'edge', active: true, healthy: true, foreignBucket: false }
test.each<[string, Partial<PlacementCluster>, Record<string, unknown>, string]>([
  ['a zone', {}, { zones: ['germany'] }, 'INFEASIBLE'],
  ['a location', { zones: ['germany'] }, { replica_locations: ['cloud'] }, 'INFEASIBLE'],
  ['a cordon', { state: 'cordoned' }, {}, 'DEGRADED'],
  ['a store that goes', { stores: [{ ...edgeStore, active: false }] }, {}, 'DEGRADED'],
  ['a foreign bucket', { stores: [{ ...edgeStore, foreignBucket: true }] }, {}, 'DEGRADED'],
])(
  'where %s keeps the only other cluster out, the bucket is what that means: for good, or for now',
  (_, change, bucket, condition) => {
    const clusters = [cluster('hpc', ['germany']), cluster('edge', ['france'], change)]
    expect(place({ target_replica_count: 1, ...bucket }, { clusters })).toMatchObject({ condition, replicas: [] })
  },
)

describe('what stands in the way', () => {
  test('replica_locations wins over the count, zones still bind', () => {
    const placement = place({
      replica_locations: ['edge', 'cloud'],
      target_replica_count: 0,
      zones: ['high-performance'],
    })
    expect(placement).toMatchObject({ replicas: ['edge-id'], condition: 'DEGRADED' })
  })
  test("replica_locations that name the master's store mean no copy there", () => {
    expect(place({ replica_locations: ['hpc', 'edge'] })).toMatchObject({ condition: 'PLACED', replicas: ['edge-id'] })
  })
  test('where a copy was let go that is wanted by name, it is said which policy to change', () => {
    const away = { id: 'cloud-id', name: 'cloud', active: true, healthy: true, foreignBucket: true }
    const clusters = [paper[0], paper[1], { ...paper[2], stores: [away] }] as PlacementCluster[]
    const { reasons } = place({ replica_locations: ['cloud', 'edge'] }, { clusters })
    expect(reasons[0]?.message).toMatch(/has let go. Take cloud out of replica_locations if no copy is to be there$/)
  })
  test('a foreign bucket keeps the store out, the next candidate is taken', () => {
    const inTheWay = { id: 'cloud-id', name: 'cloud', active: true, healthy: true, foreignBucket: true }
    const clusters = [paper[0], paper[1], { ...paper[2], stores: [inTheWay] }] as PlacementCluster[]
    expect(place({ target_replica_count: 1 }, { clusters })).toMatchObject({ replicas: ['edge-id'] })
    const both = place({ target_replica_count: 2 }, { clusters })
    expect(both.condition).toBe('DEGRADED')
    expect(both.reasons).toEqual([
      {
        code: 'TOO_FEW_CLUSTERS',
        message:
          '2 replicas wanted, 1 placed: cloud: a bucket of that name is on cloud already, which FaDO did not make or has let go. Lower target_replica_count to 1 if that is enough',
      },
      {
        code: 'FOREIGN_BUCKET',
        message: 'cloud: a bucket of that name is on cloud already, which FaDO did not make or has let go',
      },
    ])
  })
  test('zones that exclude every other cluster are infeasible', () => {
    const placement = place({ zones: ['mars'], target_replica_count: 1 })
    expect(placement.condition).toBe('INFEASIBLE')
    expect(codes(placement)).toEqual(['UNKNOWN_ZONE', 'RESIDENCY_VIOLATION', 'TOO_FEW_CLUSTERS'])
  })
  test('a store that does not answer degrades and moves nothing', () => {
    const dead = { id: 'edge-id', name: 'edge', active: true, healthy: false, foreignBucket: false }
    const clusters = paper.map((one) => (one.name === 'edge' ? { ...one, stores: [dead] } : one))
    const present = [{ storageId: 'edge-id', wanted: true, complete: true }]
    expect(place({ target_replica_count: 1 }, { clusters, present })).toMatchObject({
      condition: 'DEGRADED',
      replicas: ['edge-id'],
    })
    expect(place({ target_replica_count: 1 }, { clusters }).replicas).toEqual(['cloud-id'])
  })
  test('a cordoned cluster keeps the copy it has and takes no new one', () => {
    const clusters = paper.map((one) => (one.name === 'edge' ? { ...one, state: 'cordoned' as const } : one))
    const present = [{ storageId: 'edge-id', wanted: true, complete: true }]
    expect(place({ target_replica_count: 1 }, { clusters, present }).replicas).toEqual(['edge-id'])
    expect(place({ target_replica_count: 2 }, { clusters }).replicas).toEqual(['cloud-id'])
  })
})

describe('choosing among equals', () => {
  test('a complete copy is kept rather than one that is still being made', () => {
    const present = [
      { storageId: 'cloud-id', wanted: true, complete: false },
      { storageId: 'edge-id', wanted: true, complete: true },
    ]
    expect(place({ target_replica_count: 1 }, { present }).replicas).toEqual(['edge-id'])
  })
  test('the last tie goes to a set of clusters that is in use already', () => {
    expect(place({ target_replica_count: 1 }).replicas).toEqual(['cloud-id'])
    const classesInUse = classesOf([['hpc', 'edge']])
    expect(place({ target_replica_count: 1 }, { classesInUse }).replicas).toEqual(['edge-id'])
  })
  test('a cluster that has functions comes before one that has none', () => {
    const clusters = paper.map((one) => (one.name === 'cloud' ? { ...one, functions: 0 } : one))
    expect(place({ target_replica_count: 1 }, { clusters }).replicas).toEqual(['edge-id'])
  })
})
