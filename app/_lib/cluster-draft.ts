// A cluster with its store and functions as the form holds it, and the steps that make it. Three mutations, so that each
// may be refused alone; what was made stays, and the form goes on from there.
import type { EventsSetting, StoreAddressing } from '../../graphql/generated/operations.ts'
import { emptyFunctions, type FunctionsDraft, functionsFields } from './functions-draft.ts'
import type { Refusal } from './refusals.ts'
import { topicsOf } from './store-events.ts'

export type ClusterDraft = {
  readonly name: string
  readonly zones: readonly string[]
  readonly store: string
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
  readonly publicEndpoint: string
  readonly addressing: StoreAddressing
  readonly caCertificates: string
  readonly skipTlsVerify: boolean
  readonly sessionToken: string
  readonly events: EventsSetting
  /** One to a line. */
  readonly snsTopics: string
  readonly functions: FunctionsDraft
}

export const emptyDraft: ClusterDraft = {
  name: '',
  zones: [],
  store: '',
  endpoint: '',
  accessKey: '',
  secretKey: '',
  region: '',
  publicEndpoint: '',
  addressing: 'AUTO',
  caCertificates: '',
  skipTlsVerify: false,
  sessionToken: '',
  events: 'AUTO',
  snsTopics: '',
  functions: emptyFunctions,
}

export type Step = 'cluster' | 'store' | 'functions'

/** What the draft asks for: a section left empty is left out, and can be added on the cluster's page. */
export function stepsOf(draft: ClusterDraft): readonly Step[] {
  const store = [draft.store, draft.endpoint, draft.accessKey, draft.secretKey].some((text) => text.trim() !== '')
  return [
    'cluster',
    ...(store ? (['store'] as const) : []),
    ...(draft.functions.url.trim() !== '' ? (['functions'] as const) : []),
  ]
}

const parts: Readonly<Record<Step, string>> = { cluster: 'cluster', store: 'store', functions: 'functions' }

/** What the button will do: only the steps that are left. */
export function actionWords(steps: readonly Step[], done: readonly Step[]): string {
  const left = steps.filter((step) => !done.includes(step))
  if (left.length === 0) return 'Close'
  if (left[0] !== 'cluster') return `Add its ${left.map((step) => parts[step]).join(' and ')}`
  const more = left.slice(1).map((step) => parts[step])
  return more.length === 0 ? 'Add the cluster' : `Add the cluster with its ${more.join(' and ')}`
}

/** What exists after a step was refused. */
export function standing(name: string, done: readonly Step[], refused: Step): string | undefined {
  if (done.length === 0) return undefined
  const made = done.includes('store') ? `Cluster ${name} and its store exist` : `Cluster ${name} exists`
  return `${made}; its ${parts[refused]} could not be added. Mend what is marked below and go on from there.`
}

export const clusterInput = (draft: ClusterDraft) => ({ name: draft.name.trim(), zones: draft.zones })

const optional = <K extends string>(key: K, text: string) =>
  text.trim() === '' ? {} : ({ [key]: text.trim() } as { readonly [P in K]: string })

export const storeInput = (draft: ClusterDraft) => ({
  cluster: draft.name.trim(),
  name: draft.store.trim() === '' ? draft.name.trim() : draft.store.trim(),
  endpoint: draft.endpoint.trim(),
  accessKey: draft.accessKey,
  secretKey: draft.secretKey,
  ...optional('region', draft.region),
  ...optional('publicEndpoint', draft.publicEndpoint),
  ...optional('caCertificates', draft.caCertificates),
  ...optional('sessionToken', draft.sessionToken),
  ...(draft.addressing === 'AUTO' ? {} : { addressing: draft.addressing }),
  ...(draft.skipTlsVerify ? { skipTlsVerify: true } : {}),
  ...(draft.events === 'AUTO' ? {} : { events: draft.events }),
  ...(draft.events === 'EXTERNAL' ? { snsTopics: topicsOf(draft.snsTopics) } : {}),
})

/** How else a store is reached, beside its endpoint and keys. */
const storeAccessFields = ['publicEndpoint', 'addressing', 'caCertificates', 'skipTlsVerify'] as const
const storeEventFields = ['events', 'snsTopics'] as const

/** The API's field names of each step, as paths of the form. Two steps have a `name`. */
export const stepFields: Readonly<Record<Step, readonly string[]>> = {
  cluster: ['name', 'zones'],
  store: [
    'name',
    'endpoint',
    'accessKey',
    'secretKey',
    'sessionToken',
    'region',
    ...storeAccessFields,
    ...storeEventFields,
  ],
  functions: functionsFields,
}

export type StepRefusal = { readonly step: Step; readonly refusal: Refusal }
