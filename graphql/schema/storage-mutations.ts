// Stores: tried before they are registered or changed.
import { builder } from './builder.ts'
import { StorageDeployment, StoreAddressing } from './cluster.ts'
import { deletedPayload } from './fleet-mutations.ts'
import { EventsSetting } from './store-events.ts'
import { refusals } from './user-error.ts'

const expectedVersion = 'Refused with CONFLICT when the storage deployment is at another version.'

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0]

/** How else a store is reached, and tells of changes. */
const reachFields = (t: InputFields) => ({
  addressing: t.field({ type: StoreAddressing }),
  caCertificates: t.string({
    description: 'PEM of authorities that are trusted for this store, beside those of the machine. Shown to all.',
  }),
  skipTlsVerify: t.boolean({ description: 'Takes any certificate of the store: for trials only.' }),
  events: t.field({ type: EventsSetting, description: 'Default: AUTO.' }),
  snsTopics: t.stringList({
    description: 'With EXTERNAL: ARNs of the topics of AWS SNS whose messages are taken for this store.',
  }),
  sessionToken: t.string({
    description: 'Of keys that were lent for a time. Stored encrypted, never shown; gone when other keys are given.',
  }),
})

const StorageDeploymentAddInput = builder.inputType('StorageDeploymentAddInput', {
  fields: (t) => ({
    cluster: t.string({ required: true }),
    name: t.string({ required: true }),
    endpoint: t.string({
      required: true,
      description: 'http://host:port or https://host, with a path where the store stands below one.',
    }),
    accessKey: t.string({ required: true }),
    secretKey: t.string({ required: true, description: 'Stored encrypted, never shown.' }),
    region: t.string(),
    publicEndpoint: t.string({ description: 'How browsers reach it; default: the endpoint.' }),
    managementUrl: t.string(),
    ...reachFields(t),
    bucketNameTemplate: t.string({ required: true, defaultValue: '{bucket}' }),
    expectedVersion: t.int({ description: 'Refused with CONFLICT when the cluster is at another version.' }),
  }),
})
const StorageDeploymentUpdateInput = builder.inputType('StorageDeploymentUpdateInput', {
  description: 'What is left out stays as it was.',
  fields: (t) => ({
    name: t.string({ required: true }),
    endpoint: t.string(),
    accessKey: t.string(),
    secretKey: t.string(),
    region: t.string(),
    publicEndpoint: t.string(),
    managementUrl: t.string(),
    ...reachFields(t),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const StorageDeploymentRemoveInput = builder.inputType('StorageDeploymentRemoveInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    force: t.boolean({ required: true, defaultValue: false, description: 'Forget it if it cannot be reached.' }),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})

const storagePayload = (name: string) =>
  builder.objectRef<{ readonly id: string }>(name).implement({
    fields: (t) => ({ storageDeployment: t.field({ type: StorageDeployment, resolve: (payload) => payload.id }) }),
  })
const StorageDeploymentAddPayload = storagePayload('StorageDeploymentAddPayload')
const StorageDeploymentUpdatePayload = storagePayload('StorageDeploymentUpdatePayload')
const StorageDeploymentRemovePayload = deletedPayload('StorageDeploymentRemovePayload', 'StorageDeployment')

builder.mutationFields((t) => ({
  storageDeploymentAdd: t.field({
    type: StorageDeploymentAddPayload,
    errors: refusals,
    description: 'Tried first: UNREACHABLE or VALIDATION_FAILED say what failed.',
    args: { input: t.arg({ type: StorageDeploymentAddInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.addStorage(actor, input) }),
  }),
  storageDeploymentUpdate: t.field({
    type: StorageDeploymentUpdatePayload,
    errors: refusals,
    description: 'Tried with the new values first: so credentials are rotated without a pause.',
    args: { input: t.arg({ type: StorageDeploymentUpdateInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.updateStorage(actor, input) }),
  }),
  storageDeploymentRemove: t.field({
    type: StorageDeploymentRemovePayload,
    errors: refusals,
    description: 'Refused while a master lies there. Replicas there are evicted first.',
    args: { input: t.arg({ type: StorageDeploymentRemoveInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({ id: await services.removeStorage(actor, input) }),
  }),
}))
