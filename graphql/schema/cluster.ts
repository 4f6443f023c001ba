// Clusters with their functions and stores.
import type { Label as LabelShape } from '../../server/domain/fleet/cluster.ts'
import { judgeEvents } from '../../server/domain/fleet/event-source.ts'
import { storeHints } from '../../server/domain/fleet/store-capability.ts'
import type { ClusterView, HeldView, StorageView, UsageView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'
import { pageArgs, pageComplexity, pageInput, toConnection } from './connection.ts'
import { FaasDeployment } from './faas.ts'
import { Health } from './health.ts'
import { PolicyValue } from './policy.ts'
import { Reason } from './reason.ts'
import { StoreEvents } from './store-events.ts'

const Label = builder.objectRef<LabelShape>('Label').implement({
  fields: (t) => ({ key: t.exposeString('key'), value: t.exposeString('value') }),
})

const ClusterState = builder.enumType('ClusterState', {
  values: {
    ACTIVE: { value: 'active' },
    CORDONED: { value: 'cordoned', description: 'Keeps its copies and gets no new ones.' },
    DRAINING: { value: 'draining', description: 'Its copies go to other clusters.' },
    DELETING: { value: 'deleting', description: 'Its replicas are being evicted; then it is gone.' },
  } as const,
})

export const Cluster = builder.loadableNodeRef('Cluster', {
  id: { resolve: (cluster: ClusterView) => cluster.id },
  load: (ids: string[], { services }) => services.clusters(ids) as Promise<ClusterView[]>,
})

export const StorageDeployment = builder.loadableNodeRef('StorageDeployment', {
  id: { resolve: (storage: StorageView) => storage.id },
  load: (ids: string[], { services }) => services.storages(ids) as Promise<StorageView[]>,
})

Cluster.implement({
  description: 'A place where functions run, and the stores beside them.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique, never changed.' }),
    zones: t.stringList({ resolve: (cluster) => [...cluster.zones] }),
    labels: t.field({ type: [Label], resolve: (cluster) => cluster.labels }),
    state: t.field({ type: ClusterState, resolve: (cluster) => cluster.state }),
    version: t.exposeInt('version', {
      description: 'For expectedVersion: grows with each change of the cluster, its deployments and its stores.',
    }),
    faasDeployments: t.loadableList({
      type: FaasDeployment,
      complexity: { field: 1, multiplier: 3 }, // one or two, mostly
      load: (ids: string[], { services }) => services.faasOfClusters(ids),
      resolve: (cluster) => cluster.id,
    }),
    storageDeployments: t.loadableList({
      type: StorageDeployment,
      load: (ids: string[], { services }) => services.storagesOfClusters(ids),
      resolve: (cluster) => cluster.id,
    }),
    policies: t.loadableList({
      type: PolicyValue,
      description: 'Those that clusters have.',
      load: (clusters: ClusterView[], { services }) => services.policiesOfClusters(clusters),
      loaderOptions: { cacheKeyFn: (cluster) => cluster.id },
      resolve: (cluster) => cluster,
    }),
  }),
})

builder.objectField(FaasDeployment, 'cluster', (t) => t.field({ type: Cluster, resolve: (faas) => faas.clusterId }))

/** Whether its buckets are believed is known of each: see `events`. */
const eventsOf = ({ events: setting, capabilities }: StorageView) =>
  judgeEvents({ setting, offered: capabilities.includes('webhook-events'), heardAt: null, untoldAt: null })

const EventSource = builder.enumType('EventSource', {
  values: {
    WEBHOOK: {
      description:
        'The store tells of each change when it happens; as far as its buckets are believed, see StoreEvents.',
    },
    SWEEP: {
      description:
        'The store tells nothing: its masters are listed twice within max_staleness, and a change is unknown until then.',
    },
  } as const,
})

export const StoreAddressing = builder.enumType('StoreAddressing', {
  description: 'How a bucket stands in an address of its store.',
  values: {
    AUTO: { value: 'auto', description: 'VIRTUAL_HOSTED at AWS, PATH elsewhere.' },
    PATH: { value: 'path', description: 'https://host/bucket/key' },
    VIRTUAL_HOSTED: { value: 'virtual-hosted', description: 'https://bucket.host/key' },
  } as const,
})

const StorageUsage = builder.objectRef<UsageView>('StorageUsage').implement({
  description: 'What lies there for buckets of FaDO.',
  fields: (t) => ({
    objects: t.field({ type: 'BigInt', resolve: (usage) => usage.objects }),
    bytes: t.field({ type: 'BigInt', resolve: (usage) => usage.bytes }),
  }),
})

const StorageHeld = builder.objectRef<HeldView>('StorageHeld').implement({
  description: 'Buckets that lie there.',
  fields: (t) => ({
    masters: t.exposeInt('masters'),
    replicas: t.exposeInt('replicas', { description: 'Those that are being made or taken away, too.' }),
  }),
})

StorageDeployment.implement({
  description: 'An S3 object store. Its credentials can be written and never read.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique, never changed.' }),
    version: t.exposeInt('version', { description: 'For expectedVersion.' }),
    bucketNameTemplate: t.exposeString('bucketNameTemplate', {
      description: 'Gives new buckets their names on this store.',
    }),
    cluster: t.field({ type: Cluster, resolve: (storage) => storage.clusterId }),
    endpoint: t.exposeString('endpoint'),
    publicEndpoint: t.exposeString('publicEndpoint', { nullable: true, description: 'How browsers reach it.' }),
    region: t.exposeString('region', { nullable: true }),
    managementUrl: t.exposeString('managementUrl', { nullable: true }),
    capabilities: t.stringList({
      description: 'What it can do beyond the plainest S3, found out by trying.',
      resolve: (storage) => [...storage.capabilities],
    }),
    eventSource: t.field({
      type: EventSource,
      description: 'How changes on this store become known.',
      resolve: (storage) => (eventsOf(storage) === 'none' ? 'SWEEP' : 'WEBHOOK'),
    }),
    events: t.loadable({
      type: StoreEvents,
      description: 'How changes on it become known, and whether that is believed.',
      load: (storages: StorageView[], { services }) => services.storeEvents(storages),
      loaderOptions: { cacheKeyFn: (storage) => storage.id },
      resolve: (storage) => storage,
    }),
    addressing: t.field({ type: StoreAddressing, resolve: (storage) => storage.addressing }),
    caCertificates: t.exposeString('caCertificates', {
      nullable: true,
      description: 'PEM of authorities that are trusted for this store, beside those of the machine.',
    }),
    skipTlsVerify: t.exposeBoolean('skipTlsVerify', { description: 'Any certificate of it is taken.' }),
    hints: t.field({
      type: [Reason],
      description: 'What is weaker with this store than it could be, and why; as it was when it was last tried.',
      resolve: (storage) => storeHints(storage),
    }),
    health: t.field({ type: Health, resolve: (storage) => storage }),
    troubles: t.loadableList({
      type: Reason,
      description:
        'What movers suffer of it as a whole, which its probes need not see; empty when nothing is known to be wrong.',
      complexity: { field: 1, multiplier: 1 }, // none, mostly
      load: (ids: string[], { services }) => services.storeTroubles(ids),
      resolve: (storage) => storage.id,
    }),
    held: t.loadable({
      type: StorageHeld,
      load: async (ids: string[], { services }) => services.held(ids) as Promise<HeldView[]>,
      resolve: (storage) => storage.id,
    }),
    usage: t.loadable({
      type: StorageUsage,
      nullable: true,
      description: 'Null while some bucket there was not counted yet.',
      load: (ids: string[], { services }) => services.usages(ids),
      resolve: (storage) => storage.id,
    }),
  }),
})

const ClusterConnection = builder.connectionObject({
  type: Cluster,
  name: 'ClusterConnection',
  fields: (t) => ({ totalCount: t.int({ resolve: (_page, _args, { services }) => services.clusterCount() }) }),
})

builder.queryFields((t) => ({
  clusters: t.field({
    type: ClusterConnection,
    args: pageArgs,
    complexity: pageComplexity,
    resolve: async (_root, args, { services }) => toConnection(await services.clusterPage(pageInput(args))),
  }),
  cluster: t.field({
    type: Cluster,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { services }) => services.clusterByName(name),
  }),
}))
