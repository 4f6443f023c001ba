// How often a copy is looked at as a whole.
import type { SweepView } from '../../server/services/replication/read-sweeps.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { Reason } from './reason.ts'

export const CopySweep = builder.objectRef<SweepView>('CopySweep').implement({
  description:
    'The master or a replica is compared as a whole in turns: at an interval that doubles with each look that finds nothing ' +
    'that nobody had told, up to what events are worth, what looks cost, and the policy sweep_interval.',
  fields: (t) => ({
    storageDeployment: t.field({ type: StorageDeployment, resolve: (sweep) => sweep.storageId }),
    isMaster: t.boolean({ resolve: (sweep) => sweep.of === 'master' }),
    everySeconds: t.float({
      description: 'The interval, as it would be decided now.',
      resolve: (sweep) => sweep.seconds,
    }),
    reason: t.field({ type: Reason, description: 'Why so often.', resolve: (sweep) => sweep.reason }),
    quietLooks: t.exposeInt('quietLooks', {
      description: 'Looks in a row, up to the last, that found no change that events had missed.',
    }),
    lastAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last look began that ended well.',
      resolve: (sweep) => sweep.lastAt,
    }),
    nextAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next is due; null while one goes on.',
      resolve: (sweep) => sweep.nextAt,
    }),
    turnSeconds: t.float({
      description:
        'Of a replica: within so long each object is looked at itself, with its tags; 0 where the policy full_compare says never, and of a master.',
      resolve: (sweep) => sweep.turnSeconds,
    }),
    requestsPerDay: t.float({
      description:
        'What looks at this copy, and turns through its objects, cost all stores together, at most, once they have found nothing for long.',
      resolve: (sweep) => sweep.requestsADay,
    }),
  }),
})
