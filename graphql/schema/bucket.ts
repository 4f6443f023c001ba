import type { PlacementCondition as Condition } from '../../server/domain/placement/placement.ts'
import type { BucketView, BucketFilter as Filter, ObjectView } from '../../server/services/catalogue/read-catalogue.ts'
import { Bucket, Route } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { pageArgs, pageComplexity, pageInput, toConnection } from './connection.ts'
import { CopySweep } from './copy-sweep.ts'
import { ReplicationPause } from './link.ts'
import { PolicyValue } from './policy.ts'
import { Reason, type ReasonShape } from './reason.ts'
import { MasterRebuild, MasterRegressed } from './regressed.ts'
import { Replica } from './replica.ts'
import { RouteState } from './route.ts'
import { MasterEvents } from './store-events.ts'
import { BucketVersioning } from './versioning.ts'

const conditions: Readonly<Record<Condition, { description: string }>> = {
  PLACED: { description: 'All copies that are wanted have their place.' },
  DEGRADED: { description: 'Fewer copies than wanted, or one that cannot be used.' },
  INFEASIBLE: { description: 'The policies cannot be kept.' },
}
const PlacementCondition = builder.enumType('PlacementCondition', { values: conditions })

const Placement = builder.objectRef<BucketView>('Placement').implement({
  description: 'Whether the copies lie as the policies want.',
  fields: (t) => ({
    condition: t.field({ type: PlacementCondition, resolve: (bucket) => bucket.condition }),
    reasons: t.field({ type: [Reason], resolve: reasonsOf }),
  }),
})

/** A deletion shows from its mutation on, not only once it is decided. */
function reasonsOf({ name, state, reasons }: BucketView): readonly ReasonShape[] {
  if (state !== 'deleting' || reasons.some((reason) => reason.code === 'DELETING')) return reasons
  return [{ code: 'DELETING', message: `The bucket ${name} is being deleted` }, ...reasons]
}

const BucketMaster = builder.objectRef<BucketView>('BucketMaster').implement({
  description: 'The copy that users write to.',
  fields: (t) => ({
    storageDeployment: t.field({ type: StorageDeployment, resolve: (bucket) => bucket.masterStorageId }),
    bucketName: t.string({
      description: "The bucket's name on that store.",
      resolve: (bucket) => bucket.masterBucketName,
    }),
    lastVerifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the last look at the whole bucket began that ended well. Where the store is swept, copies are known to be in sync as of then.',
      resolve: (bucket) => bucket.masterSweptAt,
    }),
    events: t.loadable({
      type: MasterEvents,
      description: 'Whether what tells of its changes is believed.',
      load: (ids: string[], { services }) => services.eventsOfBuckets(ids),
      resolve: (bucket) => bucket.id,
    }),
    versioning: t.field({
      type: BucketVersioning,
      nullable: true,
      description: 'Null: not looked at yet, or the access key may not ask.',
      resolve: (bucket) => bucket.masterVersioning,
    }),
    regressed: t.field({
      type: MasterRegressed,
      nullable: true,
      description: 'Null: it did not go backwards.',
      resolve: ({ regress, regressedSince, ...bucket }) =>
        regress === null || regressedSince === null ? null : { ...bucket, regress, regressedSince },
    }),
    rebuild: t.field({
      type: MasterRebuild,
      nullable: true,
      description: 'Null: it was never made again from a replica.',
      resolve: (bucket) => bucket.rebuild,
    }),
  }),
})

const BucketStats = builder.objectRef<{ objects: number; bytes: number }>('BucketStats').implement({
  fields: (t) => ({
    objects: t.field({ type: 'BigInt', resolve: (stats) => stats.objects }),
    bytes: t.field({ type: 'BigInt', resolve: (stats) => stats.bytes }),
  }),
})

export const StoredObject = builder.objectRef<ObjectView>('StoredObject').implement({
  description: "An object as FaDO last saw it on the master's store.",
  fields: (t) => ({
    key: t.exposeString('key'),
    size: t.field({ type: 'BigInt', resolve: (object) => object.size }),
    etag: t.exposeString('etag'),
    lastModified: t.field({ type: 'DateTime', nullable: true, resolve: (object) => object.lastModified }),
    contentType: t.exposeString('contentType', { nullable: true }),
  }),
})

const StoredObjectConnection = builder.connectionObject({
  type: StoredObject,
  name: 'StoredObjectConnection',
  fields: (t) => ({
    totalCount: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Null with a prefix, and before the master was looked at.',
      resolve: (page) => (page as { total?: number | null }).total ?? null,
    }),
  }),
})

Bucket.implement({
  description: 'A bucket with its copies.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique, never changed.' }),
    version: t.exposeInt('version', { description: 'For expectedVersion: grows with each change by a user.' }),
    master: t.field({ type: BucketMaster, resolve: (bucket) => bucket }),
    replicas: t.loadableList({
      type: Replica,
      description: "Every copy but the master's.",
      load: (ids: string[], { services }) => services.replicasOfBuckets(ids),
      resolve: (bucket) => bucket.id,
    }),
    sweeps: t.loadableList({
      type: CopySweep,
      description:
        'How often its copies are looked at as a whole: the master, then the replicas. One that is being filled, or goes, is absent.',
      load: (ids: string[], { services }) => services.sweepsOf(ids),
      resolve: (bucket) => bucket.id,
    }),
    policies: t.loadableList({
      type: PolicyValue,
      load: (buckets: BucketView[], { services }) => services.policiesOfBuckets(buckets),
      loaderOptions: { cacheKeyFn: (bucket) => bucket.id },
      resolve: (bucket) => bucket,
    }),
    pause: t.loadable({
      type: ReplicationPause,
      nullable: true,
      description: 'While nothing of it is copied, by an order.',
      load: async (ids: string[], { services }) => services.pausesOfBuckets(ids),
      resolve: (bucket) => bucket.id,
    }),
    placement: t.field({ type: Placement, resolve: (bucket) => bucket }),
    route: t.field({ type: Route, resolve: (bucket) => bucket.id }),
    stats: t.field({
      type: BucketStats,
      nullable: true,
      description: 'Of the master; null before it was looked at.',
      resolve: ({ objects, bytes }) => (objects === null || bytes === null ? null : { objects, bytes }),
    }),
    objects: t.field({
      type: StoredObjectConnection,
      args: { prefix: t.arg.string(), ...pageArgs },
      complexity: pageComplexity,
      description: 'In the byte order of their keys.',
      resolve: async (bucket, { prefix, ...page }, { services }) => ({
        ...toConnection(await services.objectPage(bucket.id, prefix ?? '', pageInput(page))),
        total: prefix ? null : bucket.objects,
      }),
    }),
  }),
})

type Filtered = { readonly filter: Filter }

const BucketConnection = builder.connectionObject({
  type: Bucket,
  name: 'BucketConnection',
  fields: (t) => ({
    totalCount: t.int({
      resolve: (page, _args, { services }) => services.bucketCount((page as unknown as Filtered).filter),
    }),
  }),
})

const BucketFilter = builder.inputType('BucketFilter', {
  description: 'All that is given must hold.',
  fields: (t) => ({
    nameContains: t.string(),
    routeState: t.field({ type: RouteState }),
    placement: t.field({ type: PlacementCondition }),
    reasons: t.stringList({ description: 'One of these codes stands in the reasons of its placement.' }),
    nobodyMayCall: t.boolean({ description: 'True: those of whose callers none is there any more.' }),
    cluster: t.string({ description: 'A copy lies there, or the master.' }),
  }),
})

builder.queryFields((t) => ({
  bucket: t.field({
    type: Bucket,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { services }) => services.bucketByName(name),
  }),
  buckets: t.field({
    type: BucketConnection,
    args: { filter: t.arg({ type: BucketFilter }), ...pageArgs },
    complexity: pageComplexity,
    description: 'In the order of their names.',
    resolve: async (_root, { filter, ...page }, { services }) => {
      const wanted: Filter = {
        nameContains: filter?.nameContains ?? undefined,
        routeState: filter?.routeState ?? undefined,
        placement: filter?.placement ?? undefined,
        reasons: filter?.reasons ?? undefined,
        nobodyMayCall: filter?.nobodyMayCall ?? undefined,
        cluster: filter?.cluster ?? undefined,
      }
      return { ...toConnection(await services.bucketPage(wanted, pageInput(page))), filter: wanted }
    },
  }),
}))
