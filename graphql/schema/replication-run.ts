// The history of work on whole copies.
import type { TaskKind } from '../../server/domain/replica/replica-state.ts'
import type { RunState, RunView } from '../../server/services/replication/read-runs.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { Bucket } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { pageArgs, pageComplexity, pageInput, toConnection } from './connection.ts'
import { Reason } from './reason.ts'

const kinds: Readonly<Record<TaskKind, { value: TaskKind; description: string }>> = {
  first_sync: { value: 'first_sync', description: 'The first whole copy.' },
  sweep: { value: 'sweep', description: 'A comparison of a copy with its master, also by a resync.' },
  evict: { value: 'evict', description: 'A copy that is not wanted any more is deleted.' },
  release: { value: 'release', description: 'A copy is forgotten, its data stays.' },
  master_sweep: { value: 'master_sweep', description: 'A look at a whole master, for what events did not tell.' },
  master_rebuild: { value: 'master_rebuild', description: 'A master is made again from a replica.' },
  master_delete: { value: 'master_delete', description: 'A deleted bucket is taken from its master.' },
}
const RunKind = builder.enumType('ReplicationRunKind', {
  values: Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name.toUpperCase(), kind])) as Record<
    Uppercase<TaskKind>,
    (typeof kinds)[TaskKind]
  >,
})

const outcomes: Readonly<Record<RunState, { value: RunState; description: string }>> = {
  running: { value: 'running', description: 'It goes on.' },
  done: { value: 'done', description: 'It came to its end.' },
  failed: { value: 'failed', description: 'It is tried again, after longer and longer waits.' },
  postponed: { value: 'postponed', description: 'It was not possible yet, or was interrupted: it begins anew.' },
  superseded: { value: 'superseded', description: 'Other work took its place.' },
  lost: {
    value: 'lost',
    description: 'Its lease ran out: its mover was killed or cut off. Another run goes on with it.',
  },
}
const RunOutcome = builder.enumType('ReplicationRunOutcome', {
  values: Object.fromEntries(Object.entries(outcomes).map(([name, one]) => [name.toUpperCase(), one])) as Record<
    Uppercase<RunState>,
    (typeof outcomes)[RunState]
  >,
})

const ReplicationRun = builder.objectRef<RunView>('ReplicationRun').implement({
  description: 'Work on a whole copy, or on a whole master.',
  fields: (t) => ({
    bucket: t.field({ type: Bucket, resolve: (run) => run.bucketId }),
    storageDeployment: t.field({
      type: StorageDeployment,
      description: 'Where the copy is; for work on the master its store.',
      resolve: (run) => run.storageId,
    }),
    kind: t.field({ type: RunKind, resolve: (run) => run.kind }),
    outcome: t.field({ type: RunOutcome, resolve: (run) => run.outcome }),
    runs: t.exposeInt('runs', {
      description:
        'So many of one kind, one after the other, that ended alike and found nothing, within a week: they share a row.',
    }),
    beganAt: t.field({ type: 'DateTime', description: 'Of several the first.', resolve: (run) => run.beganAt }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of several the last. Of one that was lost: when its lease ran out. Null: it goes on.',
      resolve: (run) => run.endedAt,
    }),
    seconds: t.exposeFloat('seconds', {
      description: 'What it took, of several the last; of one that goes on: until now.',
    }),
    objectsFound: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Objects that it found to be copied, deleted or looked at; null: it did not come to that.',
      resolve: (run) => run.objectsFound,
    }),
    bytesFound: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'As far as sizes are known; null: they were not counted.',
      resolve: (run) => run.bytesFound,
    }),
    objectsDone: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'Of these it copied or deleted itself. Null of comparisons, which only mark objects, and of what was interrupted.',
      resolve: (run) => run.objectsDone,
    }),
    bytesDone: t.field({ type: 'BigInt', nullable: true, resolve: (run) => run.bytesDone }),
    cause: t.field({
      type: Reason,
      nullable: true,
      description: 'Why it ended so; null where nothing stood against it.',
      resolve: (run) => run.reason,
    }),
  }),
})

const ReplicationRunConnection = builder.connectionObject({ type: ReplicationRun, name: 'ReplicationRunConnection' })

const ReplicationRunFilter = builder.inputType('ReplicationRunFilter', {
  fields: (t) => ({
    bucket: t.string({ description: 'By its name.' }),
    storageDeployment: t.string({ description: 'By its name.' }),
    outcomes: t.field({ type: [RunOutcome], description: 'One of these; default: any.' }),
    quiet: t.boolean({
      defaultValue: false,
      description: 'Also comparisons that found nothing, and comparisons that go on.',
    }),
  }),
})

builder.queryField('replicationRuns', (t) =>
  t.field({
    type: ReplicationRunConnection,
    args: { filter: t.arg({ type: ReplicationRunFilter }), ...pageArgs },
    complexity: pageComplexity,
    description: 'The last begun first. Of each copy the last 50 are kept, for at most 30 days.',
    resolve: async (_root, { filter, ...page }, { services }) =>
      toConnection(
        await asGraphqlError(
          services.runPage(
            {
              bucket: filter?.bucket ?? undefined,
              storageDeployment: filter?.storageDeployment ?? undefined,
              outcomes: filter?.outcomes ?? undefined,
              quiet: filter?.quiet ?? false,
            },
            pageInput(page),
          ),
        ),
      ),
  }),
)
