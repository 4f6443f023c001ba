// Where a cluster's functions are called, as forms hold it, and what of it is sent: of a deployment that is there only what
// was changed. Secrets are never shown: empty leaves them as they are.
import type {
  FaasAuthInput,
  FaasAuthKind,
  FaasKind,
  FaasPayload,
  FaasTlsInput,
  FunctionsPartsFragment,
  PlatformsQuery,
  TakenCalls,
} from '../../graphql/generated/operations.ts'
import { emptyProof, type ProofDraft, proofFields, proofs, secretProof, shownProof } from './function-proofs.ts'

export type Platform = PlatformsQuery['platforms'][number]

export type FunctionsDraft = ProofDraft & {
  readonly kind: FaasKind
  readonly url: string
  readonly weight: string
  /** Empty: the platform's. */
  readonly pathTemplate: string
  /** Null: as the url needs it. */
  readonly payload: FaasPayload | null
  readonly takes: TakenCalls
  /** Empty: any. */
  readonly functions: readonly string[]
  /** Null: calls need no proof. */
  readonly auth: FaasAuthKind | null
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
  readonly skipVerify: boolean
}

export const emptyFunctions: FunctionsDraft = {
  kind: 'OPENFAAS',
  url: '',
  weight: '1',
  pathTemplate: '',
  payload: null,
  takes: 'PLAIN',
  functions: [],
  auth: null,
  ...emptyProof,
  ca: '',
  clientCertificate: '',
  clientKey: '',
  skipVerify: false,
}

/** Another platform: what was said of the one before does not hold for it. */
export const ofPlatform = ({ kind, usualAuth, keyHeader }: Platform): Partial<FunctionsDraft> => ({
  kind,
  pathTemplate: '',
  payload: null,
  takes: emptyFunctions.takes,
  auth: usualAuth,
  header: keyHeader ?? '',
})

export const functionsDraftOf = (one: FunctionsPartsFragment): FunctionsDraft => ({
  ...emptyFunctions,
  kind: one.kind,
  url: one.url,
  weight: String(one.weight),
  pathTemplate: one.pathTemplate ?? '',
  payload: one.payload,
  takes: one.takes,
  // What the platform lists is not what somebody said.
  functions: one.listsFunctions ? [] : (one.functions ?? []),
  auth: one.auth?.kind ?? null,
  ...(one.auth === null ? {} : proofs[one.auth.kind].shown(one.auth)),
  ca: one.tls?.ca ?? '',
  clientCertificate: one.tls?.clientCertificate ?? '',
  skipVerify: one.tls?.skipVerify ?? false,
})

const unlessEmpty = <K extends string>(key: K, text: string) =>
  text === '' ? {} : ({ [key]: text } as { readonly [P in K]: string })

const authInput = (draft: FunctionsDraft): FaasAuthInput | null =>
  draft.auth === null ? null : proofs[draft.auth].input(draft)

export const isTls = ({ url }: Pick<FunctionsDraft, 'url'>): boolean => url.trim().startsWith('https:')

export function functionsInput(cluster: string, draft: FunctionsDraft) {
  const tls = tlsChanges(emptyFunctions, draft)
  const auth = authInput(draft)
  return {
    cluster: cluster.trim(),
    kind: draft.kind,
    url: draft.url.trim(),
    weight: Number(draft.weight),
    ...unlessEmpty('pathTemplate', draft.pathTemplate.trim()),
    ...(draft.payload === null ? {} : { payload: draft.payload }),
    ...(draft.takes === emptyFunctions.takes ? {} : { takes: draft.takes }),
    ...(draft.functions.length === 0 ? {} : { functions: draft.functions }),
    ...(auth === null ? {} : { auth }),
    ...(tls === null ? {} : { tls }),
  }
}

const pems = ['ca', 'clientCertificate'] as const

/** Null where there is nothing to say. */
function tlsChanges(before: FunctionsDraft, draft: FunctionsDraft): FaasTlsInput | null {
  if (!isTls(draft)) return null
  const changed = pems.filter((field) => draft[field].trim() !== before[field].trim())
  if (changed.length === 0 && draft.clientKey.trim() === '' && draft.skipVerify === before.skipVerify) return null
  return {
    ...Object.fromEntries(changed.map((field) => [field, draft[field].trim() || null])),
    ...unlessEmpty('clientKey', draft.clientKey.trim()),
    skipVerify: draft.skipVerify,
  }
}

/** As fields of the API's input; what was emptied is taken away. */
export function functionsChanges(one: FunctionsPartsFragment, draft: FunctionsDraft) {
  const before = functionsDraftOf(one)
  const [url, pathTemplate, weight] = [draft.url.trim(), draft.pathTemplate.trim(), Number(draft.weight)]
  const isNewAuth =
    (['auth', ...shownProof] as const).some((field) => draft[field] !== before[field]) ||
    (draft.auth !== null && secretProof.some((field) => draft[field] !== ''))
  const tls = tlsChanges(before, draft)
  const noTls = !isTls(draft) && one.tls !== null
  return {
    ...(url === one.url ? {} : { url }),
    ...(weight === one.weight ? {} : { weight }),
    ...(pathTemplate === before.pathTemplate ? {} : { pathTemplate: pathTemplate || null }),
    ...(draft.payload === before.payload ? {} : { payload: draft.payload }),
    ...(draft.takes === before.takes ? {} : { takes: draft.takes }),
    ...(sameNames(draft.functions, before.functions)
      ? {}
      : { functions: draft.functions.length === 0 ? null : draft.functions }),
    ...(isNewAuth ? { auth: authInput(draft) } : {}),
    ...(tls === null ? {} : { tls }),
    ...(noTls ? { tls: null } : {}),
  }
}

const sameNames = (a: readonly string[], b: readonly string[]) => [...a].sort().join() === [...b].sort().join()

/** Paths of the API's input, as forms show them. */
export const functionsFields: readonly string[] = [
  'kind',
  'url',
  'weight',
  'pathTemplate',
  'payload',
  'takes',
  'functions',
  'auth',
  ...proofFields,
  'tls.ca',
  'tls.clientCertificate',
  'tls.clientKey',
]
