// The ways in which a platform knows that a call is FaDO's, as forms have them. A new one is an entry here, and its fields in
// `functions-auth-fields.tsx`.
import type { FaasAuthInput, FaasAuthKind, FunctionsPartsFragment } from '../../graphql/generated/operations.ts'
import { type Problem, when } from './check-fields.ts'
import { name, type Parts, say } from './parts.ts'

export type ProofDraft = {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken: string
  readonly region: string
  readonly service: string
  /** The text of its key file. */
  readonly serviceAccount: string
  readonly header: string
  /** A key or a token. */
  readonly secret: string
}

export const emptyProof: ProofDraft = {
  accessKey: '',
  secretKey: '',
  sessionToken: '',
  region: '',
  service: 'lambda',
  serviceAccount: '',
  header: '',
  secret: '',
}

/** Those that are shown, and those that are never. */
export const shownProof = ['accessKey', 'region', 'service', 'header'] as const
export const secretProof = ['secretKey', 'sessionToken', 'serviceAccount', 'secret'] as const

type Auth = NonNullable<FunctionsPartsFragment['auth']>

type Proof = {
  /** For people. */
  readonly title: string
  /** Of one that is registered. */
  readonly sentence: (auth: Auth) => Parts
  /** What of the draft one that is registered shows. */
  readonly shown: (auth: Auth) => Partial<ProofDraft>
  readonly input: (draft: ProofDraft) => FaasAuthInput
  /** What is amiss with a draft. `before`: one that is there is proven so, too; its secret need not be given again. */
  readonly problems: (draft: ProofDraft, before: Auth | undefined) => readonly Problem[]
  /** Paths of the API's input below `auth`. */
  readonly fields: readonly string[]
}

const missing = (text: string, field: string, what: string) =>
  when(text.trim() === '', `auth.${field}`, `${what} is needed.`)

export const proofs: Readonly<Record<FaasAuthKind, Proof>> = {
  AWS_SIGV4: {
    title: 'A signature of AWS',
    sentence: ({ as, service, region }) =>
      say`Signed as ${name(as ?? '')} for ${name(service ?? '')} in ${name(region ?? '')}.`,
    shown: ({ as, region, service }) => ({
      accessKey: as ?? '',
      region: region ?? '',
      service: service ?? emptyProof.service,
    }),
    input({ accessKey, region, service, secretKey, sessionToken }) {
      const shown = { accessKey: accessKey.trim(), region: region.trim(), service: service.trim() }
      return { awsSigV4: { ...shown, secretKey, ...(sessionToken === '' ? {} : { sessionToken }) } }
    },
    problems(draft, before) {
      const isOther = before?.as !== draft.accessKey.trim() || draft.sessionToken !== ''
      return [
        ...missing(draft.accessKey, 'awsSigV4.accessKey', 'An access key'),
        ...(isOther ? missing(draft.secretKey, 'awsSigV4.secretKey', 'The secret key of this access key') : []),
        ...missing(draft.region, 'awsSigV4.region', 'A region'),
        ...missing(draft.service, 'awsSigV4.service', 'A service'),
      ]
    },
    fields: [
      'awsSigV4.accessKey',
      'awsSigV4.secretKey',
      'awsSigV4.sessionToken',
      'awsSigV4.region',
      'awsSigV4.service',
    ],
  },
  GOOGLE_SERVICE_ACCOUNT: {
    title: 'ID tokens of a Google service account',
    sentence: ({ as }) => say`ID tokens of ${name(as ?? '')}.`,
    shown: () => ({}),
    input: ({ serviceAccount }) => ({ googleServiceAccount: serviceAccount }),
    problems: ({ serviceAccount }, before) =>
      before ? [] : missing(serviceAccount, 'googleServiceAccount', 'The key file of a service account'),
    fields: ['googleServiceAccount'],
  },
  KEY: {
    title: 'A key in a header',
    sentence: ({ as }) => say`A key in ${name(as ?? '')}.`,
    shown: ({ as }) => ({ header: as ?? '' }),
    input: ({ header, secret }) => ({ key: { header: header.trim(), value: secret } }),
    problems: ({ header, secret }, before) => [
      ...missing(header, 'key.header', 'The name of a header'),
      ...(before ? [] : missing(secret, 'key.value', 'A key')),
    ],
    fields: ['key.header', 'key.value'],
  },
  BEARER: {
    title: 'A bearer token',
    sentence: () => ['A bearer token.'],
    shown: () => ({}),
    input: ({ secret }) => ({ bearer: secret }),
    problems: ({ secret }, before) => (before ? [] : missing(secret, 'bearer', 'A token')),
    fields: ['bearer'],
  },
}

export const proofFields: readonly string[] = Object.values(proofs).flatMap(({ fields }) =>
  fields.map((field) => `auth.${field}`),
)
