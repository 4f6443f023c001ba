// What is shown of a master that went backwards.
import type { Rebuild, RegressedObject as Regressed } from '../../server/domain/replica/regress.ts'
import type { BucketView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'

const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms))

const RegressedObject = builder.objectRef<Regressed>('RegressedObject').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    seen: t.field({
      type: 'DateTime',
      nullable: true,
      description: "Its Last-Modified as FaDO saw it, by the store's clock.",
      resolve: (object) => dateOf(object.seen),
    }),
    now: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The same as it is now. Null: it is gone.',
      resolve: (object) => dateOf(object.now),
    }),
  }),
})

export const MasterChoice = builder.enumType('MasterChoice', {
  values: {
    REBUILD: {
      value: 'rebuild',
      description: 'The master is made again from a replica: what it lacks or has older is copied back.',
    },
    ACCEPT: {
      value: 'accept',
      description: 'The master is the truth as it is now: deletes and older versions go to the replicas.',
    },
  } as const,
})

export type RegressedBucket = BucketView & { readonly regress: NonNullable<BucketView['regress']> } & {
  readonly regressedSince: Date
}

export const MasterRegressed = builder.objectRef<RegressedBucket>('MasterRegressed').implement({
  description:
    'The master came back with an earlier state than FaDO saw it in. Nothing of it is copied or deleted until somebody chooses by masterResolve.',
  fields: (t) => ({
    since: t.field({ type: 'DateTime', resolve: (bucket) => bucket.regressedSince }),
    missing: t.field({ type: 'BigInt', resolve: ({ regress }) => regress.missing }),
    older: t.field({ type: 'BigInt', resolve: ({ regress }) => regress.older }),
    samples: t.field({ type: [RegressedObject], resolve: ({ regress }) => [...regress.samples] }),
    hasBucket: t.boolean({
      description: 'false: even the bucket is missing, so that it can only be rebuilt.',
      resolve: ({ regress }) => regress.bucket !== 'missing',
    }),
    choice: t.field({
      type: MasterChoice,
      nullable: true,
      description: 'What was chosen and is being done. Null: it waits for a choice.',
      resolve: (bucket) => bucket.masterChoice,
    }),
  }),
})

export const MasterRebuild = builder.objectRef<Rebuild>('MasterRebuild').implement({
  description: 'How the last rebuild of the master goes or went.',
  fields: (t) => ({
    from: t.exposeString('from', { description: 'Name of the storage deployment of the replica.' }),
    objectsDone: t.field({ type: 'BigInt', resolve: (rebuild) => rebuild.done }),
    objectsTotal: t.field({ type: 'BigInt', resolve: (rebuild) => rebuild.total }),
    objectsCopied: t.field({ type: 'BigInt', resolve: (rebuild) => rebuild.copied }),
    bytesCopied: t.field({ type: 'BigInt', resolve: (rebuild) => rebuild.bytes }),
    objectsKept: t.field({
      type: 'BigInt',
      description: 'Written to the master since, and newer: they stay as they are.',
      resolve: (rebuild) => rebuild.kept,
    }),
    objectsUnfit: t.field({
      type: 'BigInt',
      description: 'Changed by others on the replica, or refused by the master: not copied.',
      resolve: (rebuild) => rebuild.unfit,
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: it goes on.',
      resolve: (rebuild) => dateOf(rebuild.endedAt),
    }),
  }),
})
