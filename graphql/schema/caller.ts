// Who may call functions, and how they are known.
import type { CallerNamingView, CallerValuesView, CallerView } from '../../server/services/callers/read-callers.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { builder } from './builder.ts'
import { encodeNodeId } from './node-id.ts'
import { refusals } from './user-error.ts'

const CallerKind = builder.enumType('CallerKind', {
  values: {
    JWT: { value: 'jwt', description: 'By tokens of an issuer.' },
    CERTIFICATE: { value: 'certificate', description: 'By a client certificate.' },
    KEY: { value: 'key', description: "By a key of FaDO's." },
  } as const,
})

const CallerValues = builder.objectRef<CallerValuesView>('CallerValues').implement({
  description: 'Values of the policy callers, as users set them.',
  fields: (t) => ({
    all: t.exposeBoolean('all', { description: 'The value for all buckets is among them.' }),
    buckets: t.exposeInt('buckets', { description: 'How many buckets have a value of their own that is.' }),
    some: t.exposeStringList('some', { description: 'The first ten of these buckets, by name.' }),
  }),
})

const CallerNaming = builder.objectRef<CallerNamingView>('CallerNaming').implement({
  description: 'The values of the policy callers that have a name, as users set them.',
  fields: (t) => ({
    all: t.exposeBoolean('all', { description: 'The value for all buckets has it.' }),
    buckets: t.exposeInt('buckets', { description: 'How many buckets have a value of their own that has it.' }),
    some: t.exposeStringList('some', { description: 'The first ten of these buckets, by name.' }),
    alone: t.field({
      type: CallerValues,
      description: 'Those of them that name no other caller that there is: without this one nobody is let in there.',
      resolve: (naming) => naming.alone,
    }),
  }),
})

const Caller = builder.loadableNodeRef('Caller', {
  id: { resolve: (caller: CallerView) => caller.id },
  load: (ids: string[], { services }) => asGraphqlError(services.callers(ids)) as Promise<CallerView[]>,
})
Caller.implement({
  description: 'Named by the policy callers.',
  fields: (t) => ({
    name: t.exposeString('name'),
    kind: t.field({ type: CallerKind, resolve: (caller) => caller.kind }),
    namedBy: t.loadable({
      type: CallerNaming,
      load: (names: string[], { services }) => services.namingOfCallers(names),
      resolve: (caller) => caller.name,
    }),
  }),
})

builder.queryField('callers', (t) =>
  t.field({
    type: [Caller],
    description: 'By name.',
    resolve: (_root, _args, { services }) => asGraphqlError(services.readCallers()),
  }),
)

const ClaimInput = builder.inputType('ClaimInput', {
  description: 'The claim is one of the values, or a list that holds one.',
  fields: (t) => ({ name: t.string({ required: true }), values: t.stringList({ required: true }) }),
})
const JwtCallerInput = builder.inputType('JwtCallerInput', {
  description: 'Tokens are taken from the header Authorization: Bearer, and must expire.',
  fields: (t) => ({
    issuer: t.string({ required: true, description: 'As the claim iss has it.' }),
    audiences: t.stringList({
      required: true,
      defaultValue: [],
      description: 'The claim aud is one of them, or holds one; empty: whatever it says.',
    }),
    jwksUrl: t.string({ description: 'Where the issuer shows its keys. FaDO asks there again every five minutes.' }),
    jwks: t.string({ description: 'The keys instead, as a JWK set. Only public ones are kept.' }),
    claims: t.field({ type: [ClaimInput], required: true, defaultValue: [], description: 'All of them must hold.' }),
  }),
})
const CertificateCallerInput = builder.inputType('CertificateCallerInput', {
  description: 'Certificates are shown where the ingress speaks TLS.',
  fields: (t) => ({
    ca: t.string({
      required: true,
      description: 'The certificate of the authority that signs them, in PEM. All callers have the same.',
    }),
    subjectAltNames: t.stringList({
      required: true,
      description:
        'One of them is, to the letter, a subject alternative name of the certificate: a URI where it has a colon, else a DNS name.',
    }),
  }),
})
const CallerHowInput = builder.inputType('CallerHowInput', {
  isOneOf: true,
  fields: (t) => ({
    jwt: t.field({ type: JwtCallerInput }),
    certificate: t.field({ type: CertificateCallerInput }),
    key: t.boolean({ description: 'True: FaDO makes one.' }),
  }),
})
const CallerCreateInput = builder.inputType('CallerCreateInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    how: t.field({ type: CallerHowInput, required: true }),
  }),
})
const CallerCreatePayload = builder
  .objectRef<{ readonly secret: string | null; readonly caller: CallerView }>('CallerCreatePayload')
  .implement({
    fields: (t) => ({
      secret: t.exposeString('secret', { nullable: true, description: 'Of a key. Shown once.' }),
      caller: t.field({ type: Caller, resolve: (made) => made.caller }),
    }),
  })
const CallerDeleteInput = builder.inputType('CallerDeleteInput', {
  fields: (t) => ({ name: t.string({ required: true }) }),
})
const CallerDeletePayload = builder
  .objectRef<{ readonly id: string; readonly naming: CallerNamingView }>('CallerDeletePayload')
  .implement({
    fields: (t) => ({
      deletedId: t.id({ resolve: (deleted) => encodeNodeId('Caller', deleted.id) }),
      namedBy: t.field({
        type: CallerNaming,
        description: 'The policies that keep its name.',
        resolve: (deleted) => deleted.naming,
      }),
    }),
  })

builder.mutationFields((t) => ({
  callerCreate: t.field({
    type: CallerCreatePayload,
    errors: refusals,
    args: { input: t.arg({ type: CallerCreateInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.createCaller(actor, input),
  }),
  callerDelete: t.field({
    type: CallerDeletePayload,
    errors: refusals,
    description: 'It is let in nowhere from now on.',
    args: { input: t.arg({ type: CallerDeleteInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.deleteCaller(actor, input),
  }),
}))
