// Clusters: registered, changed, removed.
import type { ClusterView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster.ts'
import { encodeNodeId } from './node-id.ts'
import { refusals } from './user-error.ts'

export const expectedVersion = 'Refused with CONFLICT when the cluster is at another version.'

const LabelInput = builder.inputType('LabelInput', {
  fields: (t) => ({ key: t.string({ required: true }), value: t.string({ required: true }) }),
})

const ClusterCreateInput = builder.inputType('ClusterCreateInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    zones: t.stringList({ required: true, defaultValue: [] }),
    labels: t.field({ type: [LabelInput], required: true, defaultValue: [] }),
    idempotencyKey: t.string({
      description: 'The same key answers what the first call made; with another name or place it is CONFLICT.',
    }),
  }),
})
const ClusterUpdateInput = builder.inputType('ClusterUpdateInput', {
  description: 'What is left out stays as it was.',
  fields: (t) => ({
    cluster: t.string({ required: true }),
    zones: t.stringList(),
    labels: t.field({ type: [LabelInput] }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const ClusterDeleteInput = builder.inputType('ClusterDeleteInput', {
  fields: (t) => ({
    cluster: t.string({ required: true }),
    force: t.boolean({ required: true, defaultValue: false, description: 'Forget stores that cannot be reached.' }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})

const clusterPayload = (name: string) =>
  builder.objectRef<{ readonly cluster: ClusterView }>(name).implement({
    fields: (t) => ({ cluster: t.field({ type: Cluster, resolve: (payload) => payload.cluster }) }),
  })
const ClusterCreatePayload = clusterPayload('ClusterCreatePayload')
const ClusterUpdatePayload = clusterPayload('ClusterUpdatePayload')

export const deletedPayload = (name: string, typename: string) =>
  builder.objectRef<{ readonly id: string }>(name).implement({
    fields: (t) => ({ deletedId: t.id({ resolve: (deleted) => encodeNodeId(typename, deleted.id) }) }),
  })
const ClusterDeletePayload = deletedPayload('ClusterDeletePayload', 'Cluster')

builder.mutationFields((t) => ({
  clusterCreate: t.field({
    type: ClusterCreatePayload,
    errors: refusals,
    args: { input: t.arg({ type: ClusterCreateInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ cluster: await services.createCluster(actor, input) }),
  }),
  clusterUpdate: t.field({
    type: ClusterUpdatePayload,
    errors: refusals,
    args: { input: t.arg({ type: ClusterUpdateInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ cluster: await services.updateCluster(actor, input) }),
  }),
  clusterDelete: t.field({
    type: ClusterDeletePayload,
    errors: refusals,
    description:
      'Refused while a master lies there. Replicas there are evicted first, the cluster is DELETING meanwhile.',
    args: { input: t.arg({ type: ClusterDeleteInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.deleteCluster(actor, input) }),
  }),
}))
