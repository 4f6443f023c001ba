// How old changes were when a copy had them.
import { objectiveSeconds, type Within } from '../../server/domain/replica/conformance.ts'
import type { ConformanceView } from '../../server/services/replication/read-runs.ts'
import { builder } from './builder.ts'
import { Reason } from './reason.ts'

const ConformanceWithin = builder.objectRef<Within>('ConformanceWithin').implement({
  description: 'Changes that were no older than that when the copy had them.',
  fields: (t) => ({
    seconds: t.exposeInt('seconds'),
    changes: t.field({ type: 'BigInt', resolve: (within) => within.changes }),
    share: t.exposeFloat('share', { description: 'Of all changes of the month: 0 to 1.' }),
  }),
})

const SlowestChange = builder.objectRef<ConformanceView>('SlowestChange').implement({
  fields: (t) => ({
    seconds: t.float({ description: 'Its age when the copy had it.', resolve: (month) => month.slowestSeconds }),
    key: t.string({ resolve: (month) => month.slowestKey }),
    at: t.field({ type: 'DateTime', resolve: (month) => month.slowestAt }),
    cause: t.field({ type: Reason, description: 'What it was late for.', resolve: (month) => month.reason }),
  }),
})

export const ReplicaConformance = builder.objectRef<ConformanceView>('ReplicaConformance').implement({
  description:
    'How late changes reached a copy in a calendar month (UTC): writes and deletes at the master, from when they were known to ' +
    'when the copy was right and that was noted. First copies do not count. Of a mover that is killed what it counted ' +
    'within the last quarter of a second is missing.',
  fields: (t) => ({
    month: t.exposeString('month', { description: 'Such as 2026-11.' }),
    changes: t.field({ type: 'BigInt', resolve: (month) => month.changes }),
    objectiveSeconds: t.int({
      description: 'What the console judges by; `within` has others.',
      resolve: () => objectiveSeconds,
    }),
    onTime: t.float({
      description: 'The share within objectiveSeconds: 0 to 1.',
      resolve: ({ within }) => within.find(({ seconds }) => seconds === objectiveSeconds)?.share ?? 1,
    }),
    within: t.field({
      type: [ConformanceWithin],
      description: 'Within 1, 5, 15, 60, 300, 900 and 3600 seconds, each with all that is faster.',
      resolve: ({ within }) => [...within],
    }),
    slowest: t.field({ type: SlowestChange, resolve: (month) => month }),
  }),
})
