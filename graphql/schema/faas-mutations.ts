// Function deployments: registered, changed, removed. Their secrets can be written and never read.
import type { FaasView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'
import { FaasDeployment, FaasKind, FaasPayload, TakenCalls } from './faas.ts'
import { deletedPayload, expectedVersion } from './fleet-mutations.ts'
import { idOf } from './node-id.ts'
import { refusals } from './user-error.ts'

const AwsSigV4Input = builder.inputType('AwsSigV4Input', {
  description: 'Signature version 4, by which AWS knows who calls.',
  fields: (t) => ({
    accessKey: t.string({ required: true }),
    secretKey: t.string({ required: true, description: 'Empty in an update: as it is, session token and all.' }),
    sessionToken: t.string({ description: 'Goes with keys that were lent for a time.' }),
    region: t.string({ required: true }),
    service: t.string({ required: true, defaultValue: 'lambda' }),
  }),
})
const HeaderKeyInput = builder.inputType('HeaderKeyInput', {
  description: 'A secret in a request header, such as x-functions-key of Azure.',
  fields: (t) => ({
    header: t.string({ required: true }),
    value: t.string({ required: true, description: 'Empty in an update: as it is.' }),
  }),
})
const FaasAuthInput = builder.inputType('FaasAuthInput', {
  description: "How the platform knows that a call is FaDO's. Callers neither need nor see it.",
  isOneOf: true,
  fields: (t) => ({
    awsSigV4: t.field({ type: AwsSigV4Input }),
    googleServiceAccount: t.string({
      description: 'The key file of a service account, JSON. ID tokens are made by it.',
    }),
    key: t.field({ type: HeaderKeyInput }),
    bearer: t.string({ description: 'A token, sent as `Authorization: Bearer ...`.' }),
  }),
})
const FaasTlsInput = builder.inputType('FaasTlsInput', {
  description: 'Of an https url. What is left out and has no default stays as it was; null takes it away.',
  fields: (t) => ({
    ca: t.string({ description: "PEM of authorities that are trusted beside the machine's." }),
    clientCertificate: t.string({ description: 'PEM of what FaDO shows of itself, with its chain.' }),
    clientKey: t.string({ description: 'PEM of its private key, without a passphrase.' }),
    skipVerify: t.boolean({ required: true, defaultValue: false, description: 'Take any certificate.' }),
  }),
})

type Fields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0]
const called = (t: Fields) => ({
  pathTemplate: t.string({
    description:
      'Where a call goes below the url: {name} is the name of its function, {rest} the path after it. ' +
      'With a host: //{name}.default.example.org{rest}. Default: as the platform wants it.',
  }),
  payload: t.field({ type: FaasPayload, description: 'Default: EVENT for the invoke API of AWS Lambda, else HTTP.' }),
  takes: t.field({
    type: TakenCalls,
    description: 'Default: PLAIN. HTTP, KNATIVE and services of Cloud Run can take GRPC.',
  }),
  functions: t.stringList({
    description: 'Those that it has; calls of others do not go there. Default: it may have any.',
  }),
  auth: t.field({
    type: FaasAuthInput,
    description: 'A key or token must be given again with a url at another address: it is sent as it is.',
  }),
  tls: t.field({ type: FaasTlsInput }),
})

const FaasDeploymentAddInput = builder.inputType('FaasDeploymentAddInput', {
  fields: (t) => ({
    cluster: t.string({ required: true }),
    kind: t.field({ type: FaasKind, required: true }),
    url: t.string({ required: true }),
    weight: t.int({ required: true, defaultValue: 1 }),
    ...called(t),
    expectedVersion: t.int({ description: expectedVersion }),
  }),
})
const FaasDeploymentUpdateInput = builder.inputType('FaasDeploymentUpdateInput', {
  description: 'What is left out stays as it was; null takes it away.',
  fields: (t) => ({
    id: t.id({ required: true }),
    url: t.string(),
    weight: t.int(),
    ...called(t),
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
