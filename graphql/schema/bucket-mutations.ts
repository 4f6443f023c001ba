// Buckets, their routes and replicas.
import { Bucket } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { deletedPayload } from './fleet-mutations.ts'
import { encodeNodeId } from './node-id.ts'
import { PolicyValueInput } from './policy-mutations.ts'
import { MasterChoice } from './regressed.ts'
import { Replica } from './replica.ts'
import { LbPolicy } from './route.ts'
import { refusals } from './user-error.ts'

const expectedVersion = 'Refused with CONFLICT when the bucket is at another version.'

const bucketPayload = (name: string) =>
  builder.objectRef<{ readonly id: string }>(name).implement({
    fields: (t) => ({ bucket: t.field({ type: Bucket, resolve: (payload) => payload.id }) }),
  })

const BucketCreateInput = builder.inputType('BucketCreateInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    storageDeployment: t.string({ required: true, description: 'Where the master lies.' }),
    policies: t.field({ type: [PolicyValueInput], required: true, defaultValue: [] }),
    allowOutsideZones: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'false: a master outside the zones that are allowed is refused with UNSAFE. true: it is made there, a RESIDENCY_VIOLATION.',
    }),
    idempotencyKey: t.string({
      description: 'The same key answers what the first call made; with another name or place it is CONFLICT.',
    }),
  }),
})
const BucketAdoptInput = builder.inputType('BucketAdoptInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    storageDeployment: t.string({ required: true, description: 'Where the bucket is, which becomes the master.' }),
    alsoOn: t.stringList({
      required: true,
      defaultValue: [],
      description:
        "Stores with a bucket of that name that hold a copy already. Objects there that equal the master become FaDO's, which keeps them equal, and deletes them when the copy is not wanted any more.",
    }),
    policies: t.field({ type: [PolicyValueInput], required: true, defaultValue: [] }),
    allowOutsideZones: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'As of BucketCreate: true adopts a master outside the zones that are allowed, a RESIDENCY_VIOLATION.',
    }),
  }),
})
const BucketDeleteInput = builder.inputType('BucketDeleteInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    deleteData: t.boolean({
      required: true,
      defaultValue: false,
      description: "true: the master's bucket goes too, with all in it. false: it stays as it is.",
    }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const BucketCreatePayload = bucketPayload('BucketCreatePayload')
const BucketAdoptPayload = bucketPayload('BucketAdoptPayload')
const BucketDeletePayload = deletedPayload('BucketDeletePayload', 'Bucket')

const RouteOverrideSetInput = builder.inputType('RouteOverrideSetInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    lbPolicy: t.field({ type: LbPolicy }),
    clusters: t.stringList({ description: 'Only these may be given calls. FIRST asks them in this order.' }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const RouteOverrideClearInput = builder.inputType('RouteOverrideClearInput', {
  fields: (t) => ({ bucket: t.string({ required: true }), expectedVersion: t.int({ description: expectedVersion }) }),
})
const RouteOverrideSetPayload = bucketPayload('RouteOverrideSetPayload')
const RouteOverrideClearPayload = bucketPayload('RouteOverrideClearPayload')

const ConflictResolution = builder.enumType('ConflictResolution', {
  values: {
    KEEP: { description: 'Objects in the way stay.' },
    OVERWRITE: { description: "They are replaced by the master's." },
  },
})
const ReplicaReleaseInput = builder.inputType('ReplicaReleaseInput', {
  fields: (t) => ({ bucket: t.string({ required: true }), storageDeployment: t.string({ required: true }) }),
})
const ReplicaReleasePayload = builder.objectRef<{ readonly id: string }>('ReplicaReleasePayload').implement({
  fields: (t) => ({ releasedId: t.id({ resolve: ({ id }) => encodeNodeId('Replica', id) }) }),
})
const ReplicaResyncInput = builder.inputType('ReplicaResyncInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    storageDeployment: t.string({ required: true }),
    allowDeletes: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Releases the delete brake for this run.',
    }),
    onConflict: t.field({ type: ConflictResolution, required: true, defaultValue: 'KEEP' }),
  }),
})
const ReplicaResyncPayload = builder.objectRef<{ readonly id: string }>('ReplicaResyncPayload').implement({
  fields: (t) => ({ replica: t.field({ type: Replica, resolve: (payload) => payload.id }) }),
})

const MasterResolveInput = builder.inputType('MasterResolveInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    choice: t.field({ type: MasterChoice, required: true }),
    from: t.string({
      description: 'With REBUILD: the storage deployment of the replica. Null: the one that lacks the fewest changes.',
    }),
  }),
})
const MasterResolvePayload = bucketPayload('MasterResolvePayload')

builder.mutationFields((t) => ({
  bucketCreate: t.field({
    type: BucketCreatePayload,
    errors: refusals,
    description: 'When it answers the bucket is on its store. IN_USE when the store has a bucket of that name.',
    args: { input: t.arg({ type: BucketCreateInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.createBucket(actor, input) }),
  }),
  bucketAdopt: t.field({
    type: BucketAdoptPayload,
    errors: refusals,
    description:
      "Takes a bucket that is there already under FaDO's care, as master. When it answers, its events are subscribed and nothing else of it was changed.",
    args: { input: t.arg({ type: BucketAdoptInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.adoptBucket(actor, input) }),
  }),
  bucketDelete: t.field({
    type: BucketDeletePayload,
    errors: refusals,
    description: 'Returns at once; the route goes first, then the replicas. Readable until nothing is left.',
    args: { input: t.arg({ type: BucketDeleteInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.deleteBucket(actor, input) }),
  }),
  routeOverrideSet: t.field({
    type: RouteOverrideSetPayload,
    errors: refusals,
    description: 'Narrows the route to some clusters, sets its policy, or both. Replaces the whole override.',
    args: { input: t.arg({ type: RouteOverrideSetInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.setRouteOverride(actor, input) }),
  }),
  routeOverrideClear: t.field({
    type: RouteOverrideClearPayload,
    errors: refusals,
    args: { input: t.arg({ type: RouteOverrideClearInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.clearRouteOverride(actor, input) }),
  }),
  replicaRelease: t.field({
    type: ReplicaReleasePayload,
    errors: refusals,
    description:
      'Lets a replica go and keeps its data: from now on nothing is written to it or deleted from it; it leaves the routes, and is forgotten when every proxy has agreed.',
    args: { input: t.arg({ type: ReplicaReleaseInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.releaseReplica(actor, input) }),
  }),
  masterResolve: t.field({
    type: MasterResolvePayload,
    errors: refusals,
    description:
      'What becomes of a master that went backwards (BucketMaster.regressed). CONFLICT when it did not, UNSAFE when a rebuild from that replica would lose what another one has.',
    args: { input: t.arg({ type: MasterResolveInput, required: true }) },
    resolve: async (_root, { input: { bucket, choice, from } }, { services, actor }) => ({
      id: await services.resolveMaster(actor, { bucket, choice, from: from ?? null }),
    }),
  }),
  replicaResync: t.field({
    type: ReplicaResyncPayload,
    errors: refusals,
    description: 'Looks at the whole replica again now.',
    args: { input: t.arg({ type: ReplicaResyncInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.resyncReplica(actor, input) }),
  }),
}))
