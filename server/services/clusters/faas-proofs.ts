// By what a platform is to know that calls are FaDO's, as it is given: checked, and as it is stored.
import type { FaasSettings } from '../../db/catalogue/faas-deployments.ts'
import type { FaasAuth } from '../../domain/fleet/faas-auth.ts'
import { isHeaderName } from '../../domain/http-names.ts'
import { listOf } from '../../domain/reason.ts'
import type { FaasCredentials } from '../../faas/credentials.ts'
import { parseServiceAccount } from '../../faas/service-account.ts'
import { checkText, invalid, type Optional } from '../shared/check-input.ts'

/** What is said of each way. */
type Inputs = {
  readonly awsSigV4: {
    readonly accessKey: string
    /** Empty: the one that was given for this access key. */
    readonly secretKey: string
    readonly sessionToken?: Optional<string>
    readonly region: string
    readonly service: string
  }
  /** The text of its key file. */
  readonly googleServiceAccount: string
  /** An empty value: the one that was given. */
  readonly key: { readonly header: string; readonly value: string }
  readonly bearer: string
}
/** One of them. */
export type FaasAuthInput = { readonly [W in keyof Inputs]?: Optional<Inputs[W]> }

type Before = Pick<FaasSettings, 'auth'> & { readonly credentials: () => FaasCredentials }

type CheckedAuth = {
  readonly auth: FaasAuth | null
  readonly credentials: FaasCredentials
  /** The secret is the one of before. */
  readonly kept: boolean
}

export function keptAuth({ auth, credentials }: Before): CheckedAuth {
  const { clientKey: _, ...secrets } = auth === null ? {} : credentials()
  return { auth, credentials: secrets, kept: true }
}

const given = (auth: FaasAuth, credentials: FaasCredentials): CheckedAuth => ({ auth, credentials, kept: false })

const ways: { readonly [W in keyof Inputs]: (input: Inputs[W], before: Before) => CheckedAuth } = {
  awsSigV4: checkAws,
  key: checkKey,
  googleServiceAccount(input) {
    const account = parseServiceAccount(input)
    if (account === undefined)
      throw invalid('googleServiceAccount must be the key file of a service account, as Google gives it (JSON)', [
        'auth',
        'googleServiceAccount',
      ])
    return given({ kind: 'google_service_account', account: account.client_email }, { serviceAccount: input })
  },
  bearer(input) {
    const token = secretHeader(input, ['auth', 'bearer'])
    return given({ kind: 'bearer' }, { value: `Bearer ${token}` })
  },
}

/** null: calls need no proof. */
export function checkAuth(before: Before, input: FaasAuthInput | null): CheckedAuth {
  if (input === null) return { auth: null, credentials: {}, kept: false }
  const ask = <W extends keyof Inputs>(way: W, said: FaasAuthInput[W]) =>
    said === null || said === undefined ? undefined : ways[way](said, before)
  const [found] = (Object.keys(ways) as (keyof Inputs)[]).flatMap((way) => ask(way, input[way]) ?? [])
  if (found === undefined) throw invalid(`auth must say one of ${listOf(Object.keys(ways))}`, ['auth'])
  return found
}

function checkAws({ accessKey, region, service, secretKey, sessionToken }: Inputs['awsSigV4'], before: Before) {
  const at = (field: string) => ['auth', 'awsSigV4', field]
  checkText(accessKey, 1024, at('accessKey'))
  for (const [field, text] of Object.entries({ region, service }))
    if (!/^[A-Za-z0-9-]{1,64}$/.test(text))
      throw invalid(`${field} must be 1 to 64 letters, digits and dashes`, at(field))
  const auth = { kind: 'aws_sigv4', accessKey, region, service } as const
  const had = before.auth?.kind === 'aws_sigv4' && before.auth.accessKey === accessKey
  if (secretKey === '' && !sessionToken && had) return { ...keptAuth(before), auth }
  checkText(secretKey, 1024, at('secretKey'))
  if (sessionToken) checkText(sessionToken, 8_192, at('sessionToken'))
  return given(auth, { secretKey, ...(sessionToken ? { sessionToken } : {}) })
}

function checkKey(input: Inputs['key'], before: Before): CheckedAuth {
  const header = input.header.toLowerCase()
  if (!isHeaderName(header) || takenHeader.test(header))
    throw invalid('header must be the name of a request header that a key can be sent in, such as x-functions-key', [
      'auth',
      'key',
      'header',
    ])
  const auth = { kind: 'key', header } as const
  if (input.value === '' && before.auth?.kind === 'key') return { ...keptAuth(before), auth }
  return given(auth, { value: secretHeader(input.value, ['auth', 'key', 'value']) })
}

const takenHeader =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|x-fado-.*|x-envoy-.*)$/

function secretHeader(value: string, path: readonly string[]): string {
  // Not repeated in the message.
  if (!/^[\x20-\x7e]{1,8192}$/.test(value))
    throw invalid(`${path.at(-1)} must be visible ASCII, 1 to 8192 characters`, path)
  return value.trim()
}
