// Where a cluster's functions are called, and how.
import { callForm, defaultForm } from '../../server/domain/fleet/call-form.ts'
import {
  type FaasAuth as FaasAuthShape,
  type FaasTls as FaasTlsShape,
  shownAs,
} from '../../server/domain/fleet/faas-auth.ts'
import { faasHints } from '../../server/domain/fleet/faas-hints.ts'
import { type FaasKind as FaasKindName, faasKinds, platforms } from '../../server/domain/fleet/platform.ts'
import type { FaasView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'
import { Health } from './health.ts'
import { Reason } from './reason.ts'

export const FaasKind = builder.enumType('FaasKind', {
  description: 'How a platform is called and probed.',
  values: platforms,
})

export const FaasPayload = builder.enumType('FaasPayload', {
  description: 'How a call is handed over.',
  values: {
    HTTP: { value: 'http', description: 'As it came.' },
    EVENT: {
      value: 'event',
      description:
        'As an event of AWS Lambda (payload format 2.0); what the function returns is turned back into an answer.',
    },
    RAW: { value: 'raw', description: 'Its body alone is the event, and what the function returns is the answer.' },
  } as const,
})

export const TakenCalls = builder.enumType('TakenCalls', {
  description: 'Which calls a deployment takes; it gets no others.',
  values: {
    PLAIN: { value: 'plain', description: 'All but those of gRPC; over HTTP/1.1.' },
    GRPC: { value: 'grpc', description: 'Those of gRPC alone; over HTTP/2.' },
    BOTH: { value: 'both', description: 'Both, each over its protocol.' },
  } as const,
})

const FaasAuthKind = builder.enumType('FaasAuthKind', {
  values: {
    AWS_SIGV4: { value: 'aws_sigv4' },
    GOOGLE_SERVICE_ACCOUNT: { value: 'google_service_account' },
    KEY: { value: 'key' },
    BEARER: { value: 'bearer' },
  } as const,
})

const Platform = builder.objectRef<FaasKindName>('Platform').implement({
  description: 'A kind of function platform.',
  fields: (t) => ({
    kind: t.field({ type: FaasKind, resolve: (kind) => kind }),
    title: t.string({ description: 'For people.', resolve: (kind) => platforms[kind].title }),
    description: t.string({ resolve: (kind) => platforms[kind].description }),
    probePath: t.string({
      description: 'Where its health is asked, unless the deployment says otherwise.',
      resolve: (kind) => platforms[kind].probePath,
    }),
    exampleUrl: t.string({
      description: 'What an address there looks like.',
      resolve: (kind) => platforms[kind].example,
    }),
    pathTemplate: t.string({
      description: 'Where a call goes, unless the deployment says otherwise; at the address of the example.',
      resolve: (kind) => defaultForm({ kind, url: platforms[kind].example }).template,
    }),
    payloads: t.field({
      type: [FaasPayload],
      description: 'What it can be called by, the usual first.',
      resolve: (kind) => [...platforms[kind].payloads],
    }),
    authKinds: t.field({
      type: [FaasAuthKind],
      description: 'By what it may know FaDO; others are taken as well.',
      resolve: (kind) => [...platforms[kind].auth],
    }),
    usualAuth: t.field({
      type: FaasAuthKind,
      nullable: true,
      description: 'Null: mostly it takes calls of anyone.',
      resolve: (kind) => platforms[kind].usualAuth,
    }),
    keyHeader: t.string({
      nullable: true,
      description: 'The header that it takes a key in, where it has one of its own.',
      resolve: (kind) => platforms[kind].keyHeader,
    }),
  }),
})

builder.queryField('platforms', (t) =>
  t.field({ type: [Platform], description: 'Every kind of function platform there is.', resolve: () => faasKinds }),
)

const FaasAuth = builder.objectRef<FaasAuthShape>('FaasAuth').implement({
  description: "How the platform knows that a call is FaDO's. Its secrets are never shown.",
  fields: (t) => ({
    kind: t.field({ type: FaasAuthKind, resolve: (auth) => auth.kind }),
    as: t.string({
      nullable: true,
      description: 'The access key of AWS, the account of Google, the header of a key.',
      resolve: (auth) => shownAs(auth),
    }),
    region: t.string({
      nullable: true,
      description: 'Of AWS.',
      resolve: (auth) => (auth.kind === 'aws_sigv4' ? auth.region : null),
    }),
    service: t.string({
      nullable: true,
      description: 'Of AWS.',
      resolve: (auth) => (auth.kind === 'aws_sigv4' ? auth.service : null),
    }),
  }),
})

const FaasTls = builder.objectRef<FaasTlsShape>('FaasTls').implement({
  fields: (t) => ({
    ca: t.string({
      nullable: true,
      description: "PEM of authorities that are trusted beside the machine's.",
      resolve: (tls) => tls.caCertificates,
    }),
    clientCertificate: t.exposeString('clientCertificate', {
      nullable: true,
      description: 'What FaDO shows of itself.',
    }),
    skipVerify: t.exposeBoolean('skipVerify', { description: 'Any certificate is taken.' }),
  }),
})

export const FaasDeployment = builder.loadableNodeRef('FaasDeployment', {
  id: { resolve: (faas: FaasView) => faas.id },
  load: (ids: string[], { services }) => services.faas(ids) as Promise<FaasView[]>,
})

FaasDeployment.implement({
  description: "Where a cluster's functions are called.",
  fields: (t) => ({
    url: t.exposeString('url'),
    addresses: t.stringList({
      description:
        'Where calls go: those addresses of the host of its url that answered the last probe, where any did, in order. None: no probe found any yet.',
      resolve: (faas) => [...faas.addresses],
    }),
    kind: t.field({ type: FaasKind, resolve: (faas) => faas.kind }),
    weight: t.exposeInt('weight', { description: 'Calls are spread in proportion; 1 to 128.' }),
    pathTemplate: t.string({
      nullable: true,
      description:
        'Where a call goes below the url: {name} is the name of its function, {rest} the path after it. Null: as the platform wants it.',
      resolve: (faas) => faas.pathTemplate,
    }),
    usedPathTemplate: t.string({
      description: "The same, or the platform's where nobody said so.",
      resolve: (faas) => faas.pathTemplate ?? defaultForm(faas).template,
    }),
    payload: t.field({
      type: FaasPayload,
      nullable: true,
      description: 'How a call is handed over. Null: as the platform wants it.',
      resolve: (faas) => faas.payload,
    }),
    usedPayload: t.field({
      type: FaasPayload,
      description: "The same, or the platform's where nobody said so.",
      resolve: (faas) => callForm(faas).payload,
    }),
    takes: t.field({ type: TakenCalls, resolve: (faas) => faas.takes }),
    functions: t.stringList({
      nullable: true,
      description: 'Those that it has, as somebody said or its platform lists them; null: it may have any.',
      resolve: (faas) => (faas.functions.length > 0 ? [...faas.functions] : faas.listed && [...faas.listed]),
    }),
    listsFunctions: t.boolean({
      description: 'Whether its platform lists its functions; what nobody names may be there nevertheless.',
      resolve: (faas) => faas.functions.length === 0 && faas.listed !== null,
    }),
    auth: t.field({ type: FaasAuth, nullable: true, resolve: (faas) => faas.auth }),
    hints: t.field({
      type: [Reason],
      description: 'What is weaker with it than it could be, and why.',
      complexity: { field: 1, multiplier: 1 }, // none, mostly
      resolve: (faas) => faasHints(faas),
    }),
    tls: t.field({ type: FaasTls, nullable: true, resolve: (faas) => (faas.url.startsWith('https:') ? faas : null) }),
    health: t.field({ type: Health, resolve: (faas) => faas }),
  }),
})
