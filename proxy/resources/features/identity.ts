// Calls prove to the platform that they are FaDO's: by a signature, or by a secret in a header. Which proof a deployment
// wants, the header `identityHeader` says (rewrite.lua sets it); without one a call goes as it is.
import type { Identity } from '../identity.ts'
import { headerSecret } from '../secret-names.ts'
import { adsSource, any, extension, typedStruct, type WireObject } from '../wire.ts'
import { asking, type Feature } from './feature.ts'

export const identityHeader = 'x-fado-identity'

/** The word by which a deployment's calls ask for their proof; `{name}` stands for the function. */
export const proofOf = (proof: Identity): string =>
  proof.kind === 'header' && proof.secrets.some(({ ofFunction }) => ofFunction !== null)
    ? `${proof.key}.{name}`
    : proof.key

/** Each proof by its word. */
function proofs(proof: Identity): [string, WireObject][] {
  if (proof.kind === 'aws') return [[proof.key, signature(proof)]]
  return proof.secrets.map(({ name, ofFunction }) => [
    ofFunction === null ? proof.key : `${proof.key}.${ofFunction}`,
    injected(headerSecret(name), proof.header),
  ])
}

const signature = ({ service, region, accessKey, secretKey, sessionToken }: Identity & { kind: 'aws' }): WireObject =>
  typedStruct('envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning', {
    service_name: service,
    region,
    // What is taken off after it was signed would break the signature.
    match_excluded_headers: [{ exact: identityHeader }],
    credential_provider: {
      inline_credential: {
        access_key_id: accessKey,
        secret_access_key: secretKey,
        ...(sessionToken === null ? {} : { session_token: sessionToken }),
      },
    },
  })

const injected = (secret: string, header: string): WireObject =>
  any('envoy.extensions.filters.http.credential_injector.v3.CredentialInjector', {
    overwrite: true,
    credential: extension(
      'envoy.http.injected_credentials.generic',
      'envoy.extensions.http.injected_credentials.generic.v3.Generic',
      { credential: { name: secret, sds_config: adsSource }, header },
    ),
  })

const execute = (filter: WireObject): WireObject => ({
  action: extension('prove', 'envoy.extensions.filters.http.composite.v3.ExecuteFilterAction', {
    typed_config: { name: 'fado.proof', typed_config: filter },
  }),
})

const takeOff = extension('fado.proven', 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: { request_mutations: [{ remove: identityHeader }] },
})

export const identity: Feature = {
  asks: (target) => target.identity?.key,
  filters(all) {
    const map = asking(all, identity).flatMap((target) => (target.identity ? proofs(target.identity) : []))
    const choose = extension('fado.identity', 'envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
      extension_config: extension('fado.proof', 'envoy.extensions.filters.http.composite.v3.Composite'),
      xds_matcher: {
        matcher_tree: {
          input: extension('word', 'envoy.type.matcher.v3.HttpRequestHeaderMatchInput', {
            header_name: identityHeader,
          }),
          exact_match_map: { map: Object.fromEntries(map.map(([word, proof]) => [word, execute(proof)])) },
        },
      },
    })
    return [choose, takeOff]
  },
}
