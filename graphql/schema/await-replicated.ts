// Waiting until copies hold what their master has.
import type { Awaited, ReplicaDone } from '../../server/services/replication/await-replicated.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'

const AwaitReplicatedInput = builder.inputType('AwaitReplicatedInput', {
  fields: (t) => ({
    bucket: t.string({ required: true }),
    key: t.string({
      description: 'Of one object, also of one that was deleted. It is looked at again at the master. Default: all.',
    }),
    replicas: t.int({ description: 'So many copies; default: all that are wanted.' }),
    timeoutSeconds: t.int({ required: true, defaultValue: 30, description: '0 to 240.' }),
  }),
})

const ReplicaDoneType = builder.objectRef<ReplicaDone>('ReplicaDone').implement({
  fields: (t) => ({
    storageDeployment: t.field({ type: StorageDeployment, resolve: ({ storage }) => storage }),
    done: t.exposeBoolean('done', { description: 'It holds what the master had when this was asked, or later.' }),
  }),
})

const AwaitedType = builder.objectRef<Awaited>('Awaited').implement({
  fields: (t) => ({
    done: t.exposeBoolean('done', { description: 'False: the time was over before.' }),
    exists: t.exposeBoolean('exists', {
      nullable: true,
      description:
        'Of a key: false when neither the master nor a copy has it, so a copy that is done has its delete. Null: not known in time, or of all of the bucket.',
    }),
    replicas: t.field({ type: [ReplicaDoneType], resolve: ({ replicas }) => [...replicas] }),
  }),
})

builder.queryField('awaitReplicated', (t) =>
  t.field({
    type: AwaitedType,
    args: { input: t.arg({ type: AwaitReplicatedInput, required: true }) },
    description:
      'Answers once the copies hold what the master had when it was asked, within about 0.1 s of that, or when the time is over.',
    resolve: (_root, { input }, { services }) => asGraphqlError(services.awaitReplicated(input)),
  }),
)
