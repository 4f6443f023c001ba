// Copying stops and goes on.
import { builder } from './builder.ts'
import { refusals } from './user-error.ts'

const LinkInput = builder.inputType('LinkInput', {
  description: 'The way from the store of masters to a store of copies, by the names of both.',
  fields: (t) => ({ from: t.string({ required: true }), to: t.string({ required: true }) }),
})
const ReplicationScopeInput = builder.inputType('ReplicationScopeInput', {
  isOneOf: true,
  fields: (t) => ({
    bucket: t.string({ description: 'All copies of this bucket.' }),
    link: t.field({ type: LinkInput, description: 'Of all buckets what goes from one store to the other.' }),
  }),
})

const payload = (name: string) =>
  builder.objectRef<{ readonly paused: boolean }>(name).implement({
    fields: (t) => ({ paused: t.exposeBoolean('paused', { description: 'From now on.' }) }),
  })
const ReplicationPausePayload = payload('ReplicationPausePayload')
const ReplicationResumePayload = payload('ReplicationResumePayload')

builder.mutationFields((t) => ({
  replicationPause: t.field({
    type: ReplicationPausePayload,
    errors: refusals,
    description:
      'Within 2 s nothing of it is copied any more, until it is resumed. Calls go on to copies as long as these are young ' +
      'enough (max_staleness), and what takes data away (zones, deletions) goes on. Once more: nothing changes.',
    args: { input: t.arg({ type: ReplicationScopeInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      await services.pauseReplication(actor, input)
      return { paused: true }
    },
  }),
  replicationResume: t.field({
    type: ReplicationResumePayload,
    errors: refusals,
    description: 'It goes on within a second, unless something else holds it up: see Replica.waiting.',
    args: { input: t.arg({ type: ReplicationScopeInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => {
      await services.resumeReplication(actor, input)
      return { paused: false }
    },
  }),
}))
