// What Envoys need to prove to platforms that calls are FaDO's, out of what is stored of each deployment.

import type { MayAsk } from '../ask-once.ts'
import { contentId } from '../content-id.ts'
import type { StoredEndpoint } from '../db/proxies/endpoints.ts'
import type { DeploymentSecrets, FaasEndpoint } from '../domain/route/routing-table.ts'
import { type FaasCredentials, openFaasCredentials } from '../faas/credentials.ts'
import { createGoogleTokens, type GoogleTokens } from '../faas/google-tokens.ts'
import { proofOf } from '../faas/proofs/proofs.ts'
import type { Log } from '../log.ts'
import type { SecretBox } from '../secrets.ts'

export type DeploymentSecretsSource = {
  /**
   * All deployments with what proves there who calls, as far as that is there. What their platforms have to lend is asked for; of
   * those that are not among them nothing is kept.
   */
  withSecrets(all: readonly StoredEndpoint[]): FaasEndpoint[]
  /** Asks for what platforms have to lend for all of these; resolves when it was answered, or refused. */
  askFor(all: readonly StoredEndpoint[]): Promise<void>
  /** Those of Google, which probes ask for, too: each is traded for once. */
  readonly tokens: Pick<GoogleTokens, 'want'>
  /** Calls back whenever `withSecrets` may give more. */
  onNew(call: () => void): void
  stop(): void
}

export function createDeploymentSecrets(deps: {
  secrets: SecretBox
  log: Log
  mayAsk: MayAsk
}): DeploymentSecretsSource {
  const { secrets, log, mayAsk } = deps
  let tellNew = () => {}
  const tokens = createGoogleTokens({ mayAsk, log, onNew: () => tellNew() })
  /** By deployment: opening takes longer than asking whether it is still the same. */
  const opened = new Map<string, { readonly sealed: string; readonly credentials: FaasCredentials | undefined }>()

  function open(id: string, sealed: string): FaasCredentials | undefined {
    const known = opened.get(id)
    if (known?.sealed === sealed) return known.credentials
    let credentials: FaasCredentials | undefined
    try {
      credentials = openFaasCredentials(secrets, id, sealed)
    } catch (error) {
      log.error(
        { err: error, deployment: id },
        'the credentials of a function deployment cannot be read: no call goes there',
      )
    }
    opened.set(id, { sealed, credentials })
    return credentials
  }

  function endpointOf({ sealed, ...endpoint }: StoredEndpoint): FaasEndpoint {
    const credentials = sealed === null ? undefined : open(endpoint.id, sealed)
    if (sealed === null || credentials === undefined) return endpoint
    return { ...endpoint, secrets: secretsOf(endpoint, credentials, contentId(sealed), tokens) }
  }

  function withSecrets(all: readonly StoredEndpoint[]): FaasEndpoint[] {
    const sealed = new Set(all.filter((one) => one.sealed !== null).map(({ id }) => id))
    for (const id of opened.keys()) if (!sealed.has(id)) opened.delete(id)
    return all.map(endpointOf)
  }

  return {
    withSecrets,
    askFor(all) {
      withSecrets(all)
      return tokens.answered()
    },
    tokens,
    onNew(call) {
      tellNew = call
    },
    stop: tokens.stop,
  }
}

function secretsOf(
  endpoint: FaasEndpoint,
  credentials: FaasCredentials,
  version: string,
  tokens: Pick<GoogleTokens, 'want'>,
): DeploymentSecrets {
  const { clientKey } = credentials
  const proof = endpoint.auth ? proofOf(endpoint.auth) : undefined
  const lent = proof?.lent?.(endpoint, credentials, tokens) ?? {}
  return {
    version: contentId([version, lent]),
    ...proof?.stored(credentials),
    ...(clientKey === undefined ? {} : { clientKey }),
    ...lent,
  }
}
