// Rows as the API gives them, each test changes what it is about.
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  HealthStatus,
  ReasonPartsFragment,
  ReplicaPartsFragment,
} from '../../../graphql/generated/operations.ts'

const place = (cluster: string) => ({
  __typename: 'StorageDeployment' as const,
  id: `store-${cluster}`,
  name: cluster,
  eventSource: 'WEBHOOK' as const,
  cluster: { __typename: 'Cluster' as const, id: `cluster-${cluster}`, name: cluster },
})

/** Why something is as it is, as the API tells it. */
export const reason = (code: string, message: string, store: string | null = null): ReasonPartsFragment => ({
  code,
  message,
  store,
  since: null,
})

export function replica(cluster: string, change: Partial<ReplicaPartsFragment> = {}): ReplicaPartsFragment {
  return {
    id: `replica-${cluster}`,
    bucketName: 'photos',
    desired: 'PRESENT',
    state: 'IN_SYNC',
    causes: [],
    released: false,
    serving: true,
    lastVerifiedAt: null,
    comparedWholeSince: null,
    versioning: null,
    storageDeployment: place(cluster),
    lag: { objects: 0, bytes: 0, heldDeletes: 0, oldestSince: null, oldestSeconds: 0 },
    progress: null,
    ...change,
  }
}

export const progress = (bytesDone: number, bytesTotal: number) => ({
  phase: 'copy',
  objectsDone: 1,
  objectsTotal: 4,
  bytesDone,
  bytesTotal,
  bytesPerSecond: null,
})

export function bucket(change: Partial<BucketPartsFragment> = {}): BucketPartsFragment {
  return {
    id: 'bucket-photos',
    name: 'photos',
    version: 1,
    pause: null,
    master: {
      bucketName: 'photos',
      lastVerifiedAt: null,
      events: { state: 'BELIEVED', silentSince: null },
      versioning: null,
      storageDeployment: place('hpc'),
    },
    replicas: [],
    policies: [],
    placement: { condition: 'PLACED', reasons: [] },
    route: route(['hpc']),
    stats: null,
    ...change,
  }
}

export const route = (
  clusters: readonly string[],
  state: BucketPartsFragment['route']['state'] = 'SERVING',
): BucketPartsFragment['route'] => ({
  lbPolicy: 'ROUND_ROBIN',
  state,
  overridden: false,
  upstreams: clusters.map((name) => ({ weight: 1, answers: true, cluster: { id: `cluster-${name}`, name } })),
  waitsFor: [],
  callers: null,
})

export const zones = (...value: readonly string[]): BucketPartsFragment['policies'] => [
  { name: 'zones', value, source: { kind: 'BUCKET', name: 'photos' } },
]

export function cluster(
  name: string,
  { zones: zonesOf = [], store = 'HEALTHY' }: { zones?: readonly string[]; store?: HealthStatus } = {},
): ClusterPartsFragment {
  const health = (status: HealthStatus) => ({
    status,
    since: null,
    backAt: null,
    cause: status === 'UNHEALTHY' ? ('UNREACHABLE' as const) : null,
    detail: null,
  })
  return {
    id: `cluster-${name}`,
    name,
    zones: zonesOf,
    state: 'ACTIVE',
    version: 1,
    labels: [],
    faasDeployments: [
      {
        id: `faas-${name}`,
        kind: 'HTTP',
        url: 'http://127.0.0.1:1',
        weight: 1,
        usedPathTemplate: '/function/{name}{rest}',
        pathTemplate: null,
        usedPayload: 'HTTP',
        payload: null,
        takes: 'PLAIN',
        functions: null,
        listsFunctions: false,
        auth: null,
        tls: null,
        hints: [],
        health: health('HEALTHY'),
      },
    ],
    storageDeployments: [
      {
        id: `store-${name}`,
        name,
        version: 1,
        endpoint: 'http://127.0.0.1:2',
        publicEndpoint: null,
        region: null,
        managementUrl: null,
        addressing: 'AUTO',
        caCertificates: null,
        skipTlsVerify: false,
        hints: [],
        capabilities: [],
        eventSource: 'WEBHOOK',
        events: {
          setting: 'AUTO',
          state: 'BELIEVED',
          form: null,
          lastEventAt: null,
          snsTopics: [],
          path: `/api/notify/${name}`,
          hints: [],
        },
        health: health(store),
        troubles: [],
        usage: null,
      },
    ],
  }
}
