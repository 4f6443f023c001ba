// Buckets that a store has and FaDO does not look after.
import type { BucketSample as Sample, UnmanagedBucket as View } from '../../server/services/stores/unmanaged-buckets.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { pageArgs, pageComplexity, pageInput, toConnection } from './connection.ts'
import { Reason } from './reason.ts'

const BucketSample = builder.objectRef<Sample>('BucketSample').implement({
  description: 'What the first page of the listing of a bucket shows.',
  fields: (t) => ({
    objects: t.field({ type: 'BigInt', resolve: (sample) => sample.objects }),
    bytes: t.field({ type: 'BigInt', resolve: (sample) => sample.bytes }),
    whole: t.exposeBoolean('whole', { description: 'That is all there is; false: at least so much.' }),
  }),
})

const UnmanagedBucket = builder.objectRef<View>('UnmanagedBucket').implement({
  description: 'A bucket of a store that FaDO does not look after: BucketAdopt takes it under its care.',
  fields: (t) => ({
    name: t.exposeString('name'),
    createdAt: t.field({ type: 'DateTime', nullable: true, resolve: (bucket) => bucket.createdAt }),
    warnings: t.field({
      type: [Reason],
      description: 'What a replica would not have, and what could not be found out.',
      resolve: (bucket) => [...bucket.warnings],
    }),
    sample: t.field({
      type: BucketSample,
      nullable: true,
      description: 'Null: it could not be listed.',
      resolve: (bucket) => bucket.sample,
    }),
  }),
})

const UnmanagedBucketConnection = builder.connectionObject({ type: UnmanagedBucket, name: 'UnmanagedBucketConnection' })

builder.objectField(StorageDeployment, 'unmanagedBuckets', (t) =>
  t.field({
    type: UnmanagedBucketConnection,
    args: pageArgs,
    complexity: pageComplexity,
    description:
      'The store is asked now: buckets that are neither masters nor replicas, in the byte order of their names. UNREACHABLE when it does not answer.',
    resolve: async (storage, args, { services }) =>
      toConnection(await asGraphqlError(services.unmanagedBuckets(storage.id, pageInput(args)))),
  }),
)

builder.queryField('storageDeployment', (t) =>
  t.field({
    type: StorageDeployment,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, { services }) => services.storageByName(name),
  }),
)
