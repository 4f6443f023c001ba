// Clusters and function deployments: registered, changed, removed.
import type { ClusterView, FaasView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'
import { Cluster, FaasDeployment, FaasKind } from './cluster.ts'
import { encodeNodeId, idOf } from './node-id.ts'
import { refusals } from './user-error.ts'

const expectedVersion = 'Refused with CONFLICT when the cluster is at another version.'

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

const FaasDeploymentAddInput = builder.inputType('FaasDeploymentAddInput', {
  fields: (t) => ({
    cluster: t.string({ required: true }),
    kind: t.field({ type: FaasKind, required: true }),
    url: t.string({ required: true }),
    weight: t.int({ required: true, defaultValue: 1 }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const FaasDeploymentUpdateInput = builder.inputType('FaasDeploymentUpdateInput', {
  description: 'What is left out stays as it was.',
  fields: (t) => ({
    id: t.id({ required: true }),
    url: t.string(),
    weight: t.int(),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const FaasDeploymentRemoveInput = builder.inputType('FaasDeploymentRemoveInput', {
  fields: (t) => ({ id: t.id({ required: true }), expectedVersion: t.int({ description: expectedVersion }) }),
})

const faasPayload = (name: string) =>
  builder.objectRef<{ readonly faas: FaasView }>(name).implement({
    fields: (t) => ({ faasDeployment: t.field({ type: FaasDeployment, resolve: (payload) => payload.faas }) }),
  })
const FaasDeploymentAddPayload = faasPayload('FaasDeploymentAddPayload')
const FaasDeploymentUpdatePayload = faasPayload('FaasDeploymentUpdatePayload')
const FaasDeploymentRemovePayload = deletedPayload('FaasDeploymentRemovePayload', 'FaasDeployment')

builder.mutationFields((t) => ({
  faasDeploymentAdd: t.field({
    type: FaasDeploymentAddPayload,
    errors: refusals,
    args: { input: t.arg({ type: FaasDeploymentAddInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ faas: await services.addFaas(actor, input) }),
  }),
  faasDeploymentUpdate: t.field({
    type: FaasDeploymentUpdatePayload,
    errors: refusals,
    args: { input: t.arg({ type: FaasDeploymentUpdateInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      faas: await services.updateFaas(actor, { ...input, id: idOf('FaasDeployment', input.id) }),
    }),
  }),
  faasDeploymentRemove: t.field({
    type: FaasDeploymentRemovePayload,
    errors: refusals,
    args: { input: t.arg({ type: FaasDeploymentRemoveInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      id: await services.removeFaas(actor, { ...input, id: idOf('FaasDeployment', input.id) }),
    }),
  }),
}))
