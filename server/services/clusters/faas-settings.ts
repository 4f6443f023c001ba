// What a function deployment is registered with: checked, and as it is stored. Secrets are sealed before they are.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { FaasSettings } from '../../db/catalogue/faas-deployments.ts'
import { hasAddressPerFunction, templateFault } from '../../domain/fleet/call-form.ts'
import { type FaasAuth, type FaasTls, plainTls } from '../../domain/fleet/faas-auth.ts'
import type { FaasKind, Payload } from '../../domain/fleet/platform.ts'
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
    readonly secretKey: string
    readonly sessionToken?: Optional<string>
    readonly region: string
    readonly service: string
  }>
  readonly googleServiceAccount?: Optional<string>
  readonly key?: Optional<{ readonly header: string; readonly value: string }>
  readonly bearer?: Optional<string>
}
export type FaasTlsInput = {
  readonly ca?: Optional<string>
  readonly clientCertificate?: Optional<string>
  readonly clientKey?: Optional<string>
  readonly skipVerify: boolean
}
/** What is left out stays as it was; null takes it away. */
export type FaasInput = {
  readonly url?: Optional<string>
  readonly weight?: Optional<number>
  readonly pathTemplate?: Optional<string>
  readonly payload?: Optional<Payload>
  readonly functions?: Optional<readonly string[]>
  readonly auth?: Optional<FaasAuthInput>
  readonly tls?: Optional<FaasTlsInput>
}

export type WantedFaas = FaasSettings & { readonly credentials: FaasCredentials }

/** The settings with what is new of them, checked as a whole. */
export function checkFaas(kind: FaasKind, before: WantedFaas, input: FaasInput): WantedFaas {
  const auth = input.auth === undefined ? authOf(before) : checkAuth(input.auth)
  const tls = input.tls === undefined ? tlsOf(before) : checkTls(input.tls)
  const wanted: WantedFaas = {
    url: input.url ? checkBaseUrl(input.url, ['url']) : before.url,
    weight: input.weight ?? before.weight,
    pathTemplate: input.pathTemplate === undefined ? before.pathTemplate : input.pathTemplate || null,
    payload: input.payload === undefined ? before.payload : input.payload,
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
export const newFaas: WantedFaas = {
  url: '',
  weight: 1,
  pathTemplate: null,
  payload: null,
  functions: [],
  auth: null,
  ...plainTls,
  credentials: {},
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
  if (payload !== null && payload !== 'http' && kind !== 'AWS_LAMBDA')
    throw invalid('Only AWS_LAMBDA is called by events', ['payload'])
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

type Auth = { readonly auth: FaasAuth | null; readonly credentials: FaasCredentials }

const authOf = ({ auth, credentials: { clientKey: _, ...credentials } }: WantedFaas): Auth => ({ auth, credentials })

function checkAuth(input: FaasAuthInput | null): Auth {
  if (input?.awsSigV4) {
    const { accessKey, secretKey, sessionToken, region, service } = input.awsSigV4
    const at = (field: string) => ['auth', 'awsSigV4', field]
    checkText(accessKey, 1024, at('accessKey'))
    checkText(secretKey, 1024, at('secretKey'))
    if (sessionToken) checkText(sessionToken, 8_192, at('sessionToken'))
    for (const [field, text] of Object.entries({ region, service }))
      if (!/^[A-Za-z0-9-]{1,64}$/.test(text))
        throw invalid(`${field} must be 1 to 64 letters, digits and dashes`, at(field))
    return {
      auth: { kind: 'aws_sigv4', accessKey, region, service },
      credentials: { secretKey, ...(sessionToken ? { sessionToken } : {}) },
    }
  }
  if (input?.googleServiceAccount) {
    const account = parseServiceAccount(input.googleServiceAccount)
    if (account === undefined)
      throw invalid('googleServiceAccount must be the key file of a service account, as Google gives it (JSON)', [
        'auth',
        'googleServiceAccount',
      ])
    return {
      auth: { kind: 'google_service_account', account: account.client_email },
      credentials: { serviceAccount: input.googleServiceAccount },
    }
  }
  if (input?.key) {
    const header = input.key.header.toLowerCase()
    if (!isHeaderName(header) || takenHeader.test(header))
      throw invalid('header must be the name of a request header that a key can be sent in, such as x-functions-key', [
        'auth',
        'key',
        'header',
      ])
    return {
      auth: { kind: 'key', header },
      credentials: { value: secretHeader(input.key.value, ['auth', 'key', 'value']) },
    }
  }
  if (!input?.bearer) return { auth: null, credentials: {} }
  return {
    auth: { kind: 'bearer' },
    credentials: { value: `Bearer ${secretHeader(input.bearer, ['auth', 'bearer'])}` },
  }
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

const tlsOf = ({ caCertificates, skipVerify, clientCertificate, credentials: { clientKey } }: WantedFaas): Tls => ({
  tls: { caCertificates, skipVerify, clientCertificate },
  credentials: clientKey === undefined ? {} : { clientKey },
})

function checkTls(input: FaasTlsInput | null): Tls {
  if (input === null) return { tls: plainTls, credentials: {} }
  const caCertificates = checkCertificates(input.ca, ['tls', 'ca'])
  const clientCertificate = checkCertificates(input.clientCertificate, ['tls', 'clientCertificate'])
  const tls = { caCertificates, skipVerify: input.skipVerify, clientCertificate }
  const clientKey = input.clientKey?.trim()
  if (clientCertificate === null) {
    if (clientKey) throw invalid('clientKey is of no use without clientCertificate', ['tls', 'clientKey'])
    return { tls, credentials: {} }
  }
  if (!clientKey || !fits(clientCertificate, clientKey))
    throw invalid('clientKey must be the private key of clientCertificate, in PEM, without a passphrase', [
      'tls',
      'clientKey',
    ])
  return { tls, credentials: { clientKey: `${clientKey}\n` } }
}

function fits(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}
