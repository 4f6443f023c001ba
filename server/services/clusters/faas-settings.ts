// What a function deployment is registered with: checked, and as it is stored. Secrets are sealed before they are.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { FaasSettings } from '../../db/catalogue/faas-deployments.ts'
import { canTakeGrpc, hasAddressPerFunction, templateFault } from '../../domain/fleet/call-form.ts'
import { type Taken, takesKind } from '../../domain/fleet/call-kind.ts'
import { type FaasAuth, type FaasTls, plainTls } from '../../domain/fleet/faas-auth.ts'
import { type FaasKind, type Payload, platforms } from '../../domain/fleet/platform.ts'
import { isHeaderName } from '../../domain/http-names.ts'
import type { FaasCredentials } from '../../faas/credentials.ts'
import { parseServiceAccount } from '../../faas/service-account.ts'
import { checkCertificates } from '../shared/check-certificates.ts'
import { checkBaseUrl, checkText, checkWeight, invalid } from '../shared/check-input.ts'

type Optional<T> = T | null | undefined

/** One of them. */
export type FaasAuthInput = {
  readonly awsSigV4?: Optional<{
    readonly accessKey: string
    /** Empty: the one that was given for this access key. */
    readonly secretKey: string
    readonly sessionToken?: Optional<string>
    readonly region: string
    readonly service: string
  }>
  readonly googleServiceAccount?: Optional<string>
  /** An empty value: the one that was given. */
  readonly key?: Optional<{ readonly header: string; readonly value: string }>
  readonly bearer?: Optional<string>
}
export type FaasTlsInput = {
  readonly ca?: Optional<string>
  readonly clientCertificate?: Optional<string>
  /** Null: as left out. */
  readonly clientKey?: Optional<string>
  readonly skipVerify: boolean
}
/** What is left out stays as it was; null takes it away. */
export type FaasInput = {
  readonly url?: Optional<string>
  readonly weight?: Optional<number>
  readonly pathTemplate?: Optional<string>
  readonly payload?: Optional<Payload>
  /** Null: plain calls. */
  readonly takes?: Optional<Taken>
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
  const auth = input.auth === undefined ? authOf(before) : checkAuth(before, input.auth)
  if (auth.kept && isShown(auth.auth)) checkSameHost(before.url, url)
  const tls = input.tls === undefined ? tlsOf(before) : checkTls(before, input.tls)
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
  const { protocol, hostname } = new URL(url)
  const fault = pathTemplate === null ? undefined : templateFault(pathTemplate)
  if (fault !== undefined) throw invalid(`pathTemplate ${fault}`, ['pathTemplate'])
  if (kind === 'KNATIVE' && pathTemplate === null && (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)))
    throw invalid(
      'Say the host of a function, for the url has an address only: pathTemplate //{name}.default.example.org{rest}',
      ['pathTemplate'],
    )
  if (payload !== null && !(platforms[kind].payloads as readonly Payload[]).includes(payload))
    throw invalid('Only AWS_LAMBDA is called by events', ['payload'])
  if (takesKind(wanted, 'grpc') && !canTakeGrpc({ kind, url }))
    throw invalid(`${platforms[kind].title} there takes no calls of gRPC`, ['takes'])
  if (auth?.kind === 'google_service_account' && functions.length === 0 && hasAddressPerFunction({ kind, ...wanted }))
    throw invalid('Say which functions it has: Google wants a token for each', ['functions'])
  if (protocol === 'http:' && (tls.caCertificates !== null || tls.skipVerify || tls.clientCertificate !== null))
    throw invalid('tls is of no use with http, where nothing is encrypted: give an https url', ['tls'])
}

const mostFunctions = 1_000

function checkFunctions(names: readonly string[]): readonly string[] {
  if (names.length > mostFunctions) throw invalid(`functions must be at most ${mostFunctions}`, ['functions'])
  for (const [i, name] of names.entries())
    if (!/^[A-Za-z0-9._~-]{1,200}$/.test(name))
      throw invalid('A function has 1 to 200 letters, digits, dots, dashes, tildes and underscores', [
        'functions',
        String(i),
      ])
  return [...new Set(names)].sort()
}

type Auth = {
  readonly auth: FaasAuth | null
  readonly credentials: FaasCredentials
  /** The secret is the one of before. */
  readonly kept: boolean
}

function authOf({ auth, credentials }: FaasBefore): Auth {
  const { clientKey: _, ...secrets } = auth === null ? {} : credentials()
  return { auth, credentials: secrets, kept: true }
}

/** Sent as it is, so whoever is called can read it. */
const isShown = (auth: FaasAuth | null): boolean => auth?.kind === 'key' || auth?.kind === 'bearer'

/** Else who may change a deployment and not read its secrets could have them sent to a server of his own. */
function checkSameHost(before: string, now: string): void {
  if (new URL(before).origin !== new URL(now).origin)
    throw invalid('Give the secret again: the one that is stored is not sent to another address', ['auth'])
}

function checkAuth(before: FaasBefore, input: FaasAuthInput | null): Auth {
  if (input === null) return { auth: null, credentials: {}, kept: false }
  if (input.awsSigV4) return checkAws(before, input.awsSigV4)
  if (input.key) return checkKey(before, input.key)
  if (typeof input.googleServiceAccount === 'string') {
    const account = parseServiceAccount(input.googleServiceAccount)
    if (account === undefined)
      throw invalid('googleServiceAccount must be the key file of a service account, as Google gives it (JSON)', [
        'auth',
        'googleServiceAccount',
      ])
    return {
      auth: { kind: 'google_service_account', account: account.client_email },
      credentials: { serviceAccount: input.googleServiceAccount },
      kept: false,
    }
  }
  const token = secretHeader(input.bearer ?? '', ['auth', 'bearer'])
  return { auth: { kind: 'bearer' }, credentials: { value: `Bearer ${token}` }, kept: false }
}

function checkAws(before: FaasBefore, input: NonNullable<FaasAuthInput['awsSigV4']>): Auth {
  const { accessKey, region, service } = input
  const at = (field: string) => ['auth', 'awsSigV4', field]
  checkText(accessKey, 1024, at('accessKey'))
  for (const [field, text] of Object.entries({ region, service }))
    if (!/^[A-Za-z0-9-]{1,64}$/.test(text))
      throw invalid(`${field} must be 1 to 64 letters, digits and dashes`, at(field))
  const auth = { kind: 'aws_sigv4', accessKey, region, service } as const
  const had = before.auth?.kind === 'aws_sigv4' && before.auth.accessKey === accessKey
  const { secretKey, sessionToken } = input
  if (secretKey === '' && !sessionToken && had) return { ...authOf(before), auth }
  checkText(secretKey, 1024, at('secretKey'))
  if (sessionToken) checkText(sessionToken, 8_192, at('sessionToken'))
  return { auth, credentials: { secretKey, ...(sessionToken ? { sessionToken } : {}) }, kept: false }
}

function checkKey(before: FaasBefore, input: NonNullable<FaasAuthInput['key']>): Auth {
  const header = input.header.toLowerCase()
  if (!isHeaderName(header) || takenHeader.test(header))
    throw invalid('header must be the name of a request header that a key can be sent in, such as x-functions-key', [
      'auth',
      'key',
      'header',
    ])
  const auth = { kind: 'key', header } as const
  if (input.value === '' && before.auth?.kind === 'key') return { ...authOf(before), auth }
  return { auth, credentials: { value: secretHeader(input.value, ['auth', 'key', 'value']) }, kept: false }
}

const takenHeader =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|x-fado-.*|x-envoy-.*)$/

function secretHeader(value: string, path: readonly string[]): string {
  // Not repeated in the message.
  if (!/^[\x20-\x7e]{1,8192}$/.test(value))
    throw invalid(`${path.at(-1)} must be visible ASCII, 1 to 8192 characters`, path)
  return value.trim()
}

type Tls = { readonly tls: FaasTls; readonly credentials: FaasCredentials }

function tlsOf({ caCertificates, skipVerify, clientCertificate, credentials }: FaasBefore): Tls {
  const { clientKey } = clientCertificate === null ? {} : credentials()
  return {
    tls: { caCertificates, skipVerify, clientCertificate },
    credentials: clientKey === undefined ? {} : { clientKey },
  }
}

function checkTls(before: FaasBefore, input: FaasTlsInput | null): Tls {
  if (input === null) return { tls: plainTls, credentials: {} }
  const given = (field: 'ca' | 'clientCertificate', had: string | null) =>
    input[field] === undefined ? had : checkCertificates(input[field], ['tls', field])
  const caCertificates = given('ca', before.caCertificates)
  const clientCertificate = given('clientCertificate', before.clientCertificate)
  const tls = { caCertificates, skipVerify: input.skipVerify, clientCertificate }
  const clientKey = (input.clientKey || keptKey(before, clientCertificate))?.trim()
  if (clientCertificate === null) {
    if (clientKey) throw invalid('clientKey is of no use without clientCertificate', ['tls', 'clientKey'])
    return { tls, credentials: {} }
  }
  if (!clientKey || !fits(clientCertificate, clientKey))
    throw invalid('clientKey must be the private key of the certificate, in PEM, without a passphrase', [
      'tls',
      'clientKey',
    ])
  return { tls, credentials: { clientKey: `${clientKey}\n` } }
}

/** A certificate that was renewed may have the key of the one before. */
const keptKey = (before: FaasBefore, clientCertificate: string | null): string | undefined =>
  clientCertificate === null || before.clientCertificate === null ? undefined : before.credentials().clientKey

function fits(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
