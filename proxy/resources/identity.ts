// By what a platform knows that a call is FaDO's, as Envoy is told.
import { contentId } from '../../server/content-id.ts'
import type { FaasAuth, FaasAuthKind } from '../../server/domain/fleet/faas-auth.ts'
import type { DeploymentSecrets, FaasEndpoint } from '../../server/domain/route/routing-table.ts'

/** `key` names it. */
export type Identity =
  | {
      readonly kind: 'aws'
      readonly key: string
      readonly region: string
      readonly service: string
      readonly accessKey: string
      readonly secretKey: string
      readonly sessionToken: string | null
    }
  | {
      readonly kind: 'header'
      readonly key: string
      /** In small letters. */
      readonly header: string
      readonly secrets: readonly HeaderSecret[]
      /** Changes with the secrets. */
      readonly version: string
    }
/** `name`: of the secret. `ofFunction`: only its calls carry it; null: all. */
export type HeaderSecret = { readonly name: string; readonly ofFunction: string | null; readonly value: string }

type Identify<K extends FaasAuthKind> = (
  id: string,
  auth: FaasAuth<K>,
  secrets: DeploymentSecrets,
) => Identity | undefined

function inHeader(id: string, header: string, secrets: DeploymentSecrets): Identity | undefined {
  const { version, header: value, headers = {} } = secrets
  const name = contentId([id, header])
  const found: HeaderSecret[] = [
    ...(value === undefined ? [] : [{ name, ofFunction: null, value }]),
    ...Object.entries(headers).map(([of, value]) => ({ name: `${name}.${of}`, ofFunction: of, value })),
  ]
  if (found.length === 0) return undefined
  return { kind: 'header', key: contentId(found.map((one) => one.name)), header, secrets: found, version }
}

const authorization: Identify<'google_service_account' | 'bearer'> = (id, _auth, secrets) =>
  inHeader(id, 'authorization', secrets)

const ways: { readonly [K in FaasAuthKind]: Identify<K> } = {
  aws_sigv4(id, auth, { version, secretKey, sessionToken = null }) {
    const { accessKey, region, service } = auth
    if (secretKey === undefined) return undefined
    return { kind: 'aws', key: contentId([id, auth, version]), region, service, accessKey, secretKey, sessionToken }
  },
  google_service_account: authorization,
  key: (id, { header }, secrets) => inHeader(id, header, secrets),
  bearer: authorization,
}

const identify = <K extends FaasAuthKind>(id: string, auth: FaasAuth<K>, secrets: DeploymentSecrets) =>
  ways[auth.kind](id, auth, secrets)

/** null: calls need no proof; undefined: a secret is missing without which they would be refused. */
export function identityOf({ id, auth, secrets }: FaasEndpoint): Identity | null | undefined {
  if (!auth) return null
  return secrets && identify(id, auth, secrets)
}
