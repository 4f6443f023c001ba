import type { ReplicaProgress as ProgressView, ReplicaView } from '../../server/services/catalogue/replica-view.ts'
import type { LagByAgeView, WaitingView } from '../../server/services/replication/read-links.ts'
import { Bucket } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { ReplicaConformance } from './conformance.ts'
import { Reason } from './reason.ts'
import { BucketVersioning } from './versioning.ts'

const ReplicaState = builder.enumType('ReplicaState', {
  values: {
    PENDING: { description: 'Wanted, nothing done yet.' },
    CREATING: { description: 'Its bucket is being made.' },
    SYNCING: { description: 'The first whole copy is under way.' },
    IN_SYNC: { description: 'Whole, and nothing known is missing.' },
    LAGGING: { description: 'Whole once; changes wait, or something holds them up: see cause.' },
    FAILED: { description: 'Cannot go on by itself; tried again.' },
    WITHDRAWING: { description: 'No longer wanted, still there.' },
    DELETING: { description: 'Its objects are being deleted.' },
  },
})
const ReplicaDesired = builder.enumType('ReplicaDesired', { values: ['PRESENT', 'ABSENT'] as const })

const LagByAge = builder.objectRef<LagByAgeView>('LagByAge').implement({
  description: 'What is missing and no older than that.',
  fields: (t) => ({
    upToSeconds: t.int({ nullable: true, description: 'Null: of any age.', resolve: (lag) => lag.upToSeconds }),
    objects: t.field({ type: 'BigInt', resolve: (lag) => lag.objects }),
    bytes: t.field({ type: 'BigInt', resolve: (lag) => lag.bytes }),
  }),
})

const ReplicaLag = builder.objectRef<ReplicaView['lag'] & { readonly replicaId: string }>('ReplicaLag').implement({
  description: 'What the copy is known to lack.',
  fields: (t) => ({
    objects: t.field({ type: 'BigInt', resolve: (lag) => lag.objects }),
    bytes: t.field({ type: 'BigInt', resolve: (lag) => lag.bytes }),
    heldDeletes: t.field({
      type: 'BigInt',
      description: 'Deletes that the delete brake holds until a ReplicaResync allows them.',
      resolve: (lag) => lag.heldDeletes,
    }),
    oldestSeconds: t.exposeFloat('oldestSeconds', { description: 'Age of the oldest missing change; 0 when none is.' }),
    oldestSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when that is missing: its age goes on while nothing is told. Null when nothing is.',
      resolve: (lag) => lag.oldestSince,
    }),
    etaSeconds: t.loadable({
      type: 'Float',
      nullable: true,
      description:
        'In how many seconds a copy has about all of it, from what its link carried over the last 10 s. Null: nothing ' +
        'is missing, or it cannot be told (`waiting` says what holds it up; a first copy is listed before).',
      load: (ids: string[], { services }) => services.etasOfReplicas(ids),
      resolve: (lag) => lag.replicaId,
    }),
    byAge: t.loadableList({
      type: LagByAge,
      description: 'Up to 5, 60, 300, 900 and 3600 seconds and of any age, each with all that is younger.',
      load: (ids: string[], { services }) => services.lagsOfReplicas(ids),
      resolve: (lag) => lag.replicaId,
    }),
  }),
})

const WaitingCopies = builder.objectRef<WaitingView>('WaitingCopies').implement({
  description:
    'What a copy lacks and no mover works on, and why. Several reasons that hold all of it up name the same objects: each of them has to go.',
  fields: (t) => ({
    reason: t.field({ type: Reason, resolve: ({ reason }) => reason }),
    objects: t.field({ type: 'BigInt', resolve: ({ objects }) => objects }),
    bytes: t.field({ type: 'BigInt', description: 'As far as sizes are known.', resolve: ({ bytes }) => bytes }),
    etaSeconds: t.float({
      nullable: true,
      description: 'When it is about done, or tried again; null: that cannot be told.',
      resolve: ({ etaSeconds }) => etaSeconds,
    }),
  }),
})

const ReplicaProgress = builder.objectRef<ProgressView & { readonly replicaId: string }>('ReplicaProgress').implement({
  description: 'Of the run in hand, or of the last one.',
  fields: (t) => ({
    phase: t.exposeString('phase', {
      description:
        '`copying`; `comparing` of a copy that is taken over: its objects tell how far it is, for hardly a byte crosses; `done`.',
    }),
    objectsDone: t.field({ type: 'BigInt', resolve: (progress) => progress.objectsDone }),
    objectsTotal: t.field({ type: 'BigInt', resolve: (progress) => progress.objectsTotal }),
    bytesDone: t.field({ type: 'BigInt', resolve: (progress) => progress.bytesDone }),
    bytesTotal: t.field({ type: 'BigInt', resolve: (progress) => progress.bytesTotal }),
    bytesPerSecond: t.exposeFloat('bytesPerSecond', { nullable: true }),
    etaSeconds: t.loadable({
      type: 'Float',
      nullable: true,
      description: 'That of `lag`.',
      load: (ids: string[], { services }) => services.etasOfReplicas(ids),
      resolve: (progress) => progress.replicaId,
    }),
  }),
})

const ReplicaSource = builder.objectRef<ReplicaView['source']>('ReplicaSource').implement({
  description: 'Whose bytes a copy gets. Which version is wanted the master alone says.',
  fields: (t) => ({
    storageDeployment: t.field({ type: StorageDeployment, resolve: ({ storageId }) => storageId }),
    reason: t.field({ type: Reason, resolve: ({ reason }) => reason }),
  }),
})

export const Replica = builder.loadableNodeRef('Replica', {
  id: { resolve: (replica: ReplicaView) => replica.id },
  load: (ids: string[], { services }) => services.replicas(ids) as Promise<ReplicaView[]>,
})

Replica.implement({
  description: 'One copy of a bucket beside its master.',
  fields: (t) => ({
    bucket: t.field({ type: Bucket, resolve: (replica) => replica.bucketId }),
    bucketName: t.exposeString('bucketName', { description: "The bucket's name on that store." }),
    storageDeployment: t.field({ type: StorageDeployment, resolve: (replica) => replica.storageId }),
    desired: t.field({ type: ReplicaDesired, resolve: (replica) => (replica.wanted ? 'PRESENT' : 'ABSENT') }),
    state: t.field({ type: ReplicaState, resolve: (replica) => replica.state }),
    cause: t.string({
      nullable: true,
      description: 'What holds it up, in words: the messages of `causes`.',
      resolve: ({ causes }) => (causes.length === 0 ? null : causes.map((cause) => cause.message).join('. ')),
    }),
    causes: t.field({
      type: [Reason],
      description: 'What holds it up, the most explaining first; empty when nothing is known to.',
      resolve: (replica) => [...replica.causes],
    }),
    released: t.exposeBoolean('released', {
      description: 'It is on its way out by ReplicaRelease: its data stays, and nothing is written to it any more.',
    }),
    serving: t.exposeBoolean('serving', { description: 'Its cluster may be given calls.' }),
    lastVerifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Start of the last whole comparison that ended well.',
      resolve: (replica) => replica.verifiedAt,
    }),
    comparedWholeSince: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Since then each object was compared with its master in everything that is carried, tags included, which listings ' +
        'do not tell. By the policy full_compare it is no longer ago than that, and a while; null: not done yet.',
      resolve: (replica) => replica.comparedSince,
    }),
    versioning: t.field({
      type: BucketVersioning,
      nullable: true,
      description: 'Null: not looked at yet, or the access key may not ask.',
      resolve: (replica) => replica.versioning,
    }),
    lag: t.field({ type: ReplicaLag, resolve: ({ id, lag }) => ({ ...lag, replicaId: id }) }),
    waiting: t.loadableList({
      type: WaitingCopies,
      description: 'Empty when nothing waits.',
      load: (ids: string[], { services }) => services.waitingOfReplicas(ids),
      resolve: (replica) => replica.id,
    }),
    conformance: t.loadableList({
      type: ReplicaConformance,
      description: 'Up to 13 months, the last first; a month without changes is left out.',
      load: (ids: string[], { services }) => services.conformances(ids),
      resolve: (replica) => replica.id,
    }),
    source: t.field({
      type: ReplicaSource,
      description: 'From where its bytes came last, and why from there.',
      resolve: ({ source }) => source,
    }),
    progress: t.field({
      type: ReplicaProgress,
      nullable: true,
      resolve: ({ id, progress }) => progress && { ...progress, replicaId: id },
    }),
  }),
})
