// What a function deployment is registered with: checked, and as it is stored. Secrets are sealed before they are.
import type { FaasSettings } from '../../db/catalogue/faas-deployments.ts'
import { canTakeGrpc, hasAddressPerFunction, lacksHost, templateFault } from '../../domain/fleet/call-form.ts'
import { type Takes, takesKind } from '../../domain/fleet/call-kind.ts'
import { isByAddress, plainTls, sendsSecret } from '../../domain/fleet/faas-auth.ts'
import { functionNames, functionNamesAre, isFunctionName, mostFunctions } from '../../domain/fleet/function-names.ts'
import { type FaasKind, faasKinds, type Payload, platforms } from '../../domain/fleet/platform.ts'
import { listOf } from '../../domain/reason.ts'
import type { FaasCredentials } from '../../faas/credentials.ts'
import { checkBaseUrl, checkWeight, invalid, type Optional } from '../shared/check-input.ts'
import { checkAuth, type FaasAuthInput, keptAuth } from './faas-proofs.ts'
import { checkTls, type FaasTlsInput, keptTls } from './faas-tls.ts'

/** What is left out stays as it was; null takes it away. */
export type FaasInput = {
  readonly url?: Optional<string>
  readonly weight?: Optional<number>
  readonly pathTemplate?: Optional<string>
  readonly payload?: Optional<Payload>
  /** Null: plain calls. */
  readonly takes?: Optional<Takes>
  readonly functions?: Optional<readonly string[]>
  readonly auth?: Optional<FaasAuthInput>
  readonly tls?: Optional<FaasTlsInput>
}

/** The secrets are opened where some of them are kept: those that another key sealed can still be replaced. */
export type FaasBefore = FaasSettings & { readonly credentials: () => FaasCredentials }
export type WantedFaas = FaasSettings & { readonly credentials: FaasCredentials }

/** The settings with what is new of them, checked as a whole. */
export function checkFaas(kind: FaasKind, before: FaasBefore, input: FaasInput): WantedFaas {
  const url = input.url ? checkBaseUrl(input.url, ['url']) : before.url
  const auth = input.auth === undefined ? keptAuth(before) : checkAuth(before, input.auth)
  if (auth.kept && auth.auth !== null && sendsSecret(auth.auth)) checkSameHost(before.url, url)
  const tls = input.tls === undefined ? keptTls(before) : checkTls(before, input.tls)
  const wanted: WantedFaas = {
    url,
    weight: input.weight ?? before.weight,
    pathTemplate: input.pathTemplate === undefined ? before.pathTemplate : input.pathTemplate || null,
    payload: input.payload === undefined ? before.payload : input.payload,
    takes: input.takes === undefined ? before.takes : (input.takes ?? newFaas.takes),
    functions: input.functions === undefined ? before.functions : checkFunctions(input.functions ?? []),
    auth: auth.auth,
    ...tls.tls,
    credentials: { ...auth.credentials, ...tls.credentials },
  }
  checkWeight(wanted.weight, ['weight'])
  checkTogether(kind, wanted)
  return wanted
}

/** Before anything was said of it. */
export const newFaas: FaasBefore = {
  url: '',
  weight: 1,
  pathTemplate: null,
  payload: null,
  takes: 'plain',
  functions: [],
  auth: null,
  ...plainTls,
  credentials: () => ({}),
}

function checkTogether(kind: FaasKind, wanted: WantedFaas): void {
  const { url, pathTemplate, payload, auth, functions, ...tls } = wanted
  const { protocol } = new URL(url)
  const fault = pathTemplate === null ? undefined : templateFault(pathTemplate)
  if (fault !== undefined) throw invalid(`pathTemplate ${fault}`, ['pathTemplate'])
  if (lacksHost({ kind, ...wanted }))
    throw invalid(
      'Say the host of a function, for the url has an address only: pathTemplate //{name}.default.example.org{rest}',
      ['pathTemplate'],
    )
  if (payload !== null && !isCalledBy(kind, payload))
    throw invalid(`Only ${listOf(faasKinds.filter((one) => isCalledBy(one, payload)))} can be called so`, ['payload'])
  if (takesKind(wanted, 'grpc') && !canTakeGrpc({ kind, url }))
    throw invalid(
      `${platforms[kind].title} there takes no calls of gRPC: a server of it is added with the platform HTTP (--kind HTTP), or another that takes it`,
      ['takes'],
    )
  if (auth !== null && isByAddress(auth) && functions.length === 0 && hasAddressPerFunction({ kind, ...wanted }))
    throw invalid('Say which functions it has: Google wants a token for each', ['functions'])
  if (protocol === 'http:' && (tls.caCertificates !== null || tls.skipVerify || tls.clientCertificate !== null))
    throw invalid('tls is of no use with http, where nothing is encrypted: give an https url', ['tls'])
}

const isCalledBy = (kind: FaasKind, payload: Payload): boolean =>
  (platforms[kind].payloads as readonly Payload[]).includes(payload)

function checkFunctions(names: readonly string[]): readonly string[] {
  if (names.length > mostFunctions) throw invalid(`functions must be at most ${mostFunctions}`, ['functions'])
  const bad = names.findIndex((name) => !isFunctionName(name))
  if (bad >= 0) throw invalid(`A function has ${functionNamesAre}`, ['functions', String(bad)])
  return functionNames(names)
}

/** Else who may change a deployment and not read its secrets could have them sent to a server of his own. */
function checkSameHost(before: string, now: string): void {
  if (new URL(before).origin !== new URL(now).origin)
    throw invalid('Give the secret again: the one that is stored is not sent to another address', ['auth'])
}
