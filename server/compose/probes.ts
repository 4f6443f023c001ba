// Joins the health monitor with what can be asked: stores with FaDO's own credentials, and function platforms.
import type { Unlisted } from '../db/deciding/function-lists.ts'
import type { ProbedFunctions, ProbedStore } from '../db/deciding/health.ts'
import { FadoError } from '../domain/errors.ts'
import { audiencesOf } from '../domain/fleet/call-form.ts'
import type { ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { type FaasCredentials, openFaasCredentials } from '../faas/credentials.ts'
import type { GoogleTokens } from '../faas/google-tokens.ts'
import { listFunctions } from '../faas/list-functions.ts'
import { probeDeployment } from '../faas/probe-deployment.ts'
import type { ForbiddenTarget } from '../forbidden-target.ts'
import type { FunctionProbe, StoreProbe } from '../reconcile/health-monitor.ts'
import type { SecretBox } from '../secrets.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'
import { type StoreWatch, watchStore } from '../storage/watch-store.ts'
import type { StoreDrivers } from './store-drivers.ts'

/** `secrets` opens the credentials of deployments; `tokens`: by which those of Google are called. */
export function createProbes(
  drivers: StoreDrivers,
  given: {
    readonly secrets: SecretBox
    readonly tokens: Pick<GoogleTokens, 'want'>
    readonly forbiddenTarget: ForbiddenTarget
  },
) {
  const { secrets, tokens, forbiddenTarget } = given
  const watches = new Map<string, StoreWatch>()

  function watchOf(id: string): StoreWatch {
    const watch = watches.get(id) ?? watchStore()
    watches.set(id, watch)
    return watch
  }
  return {
    async store({ id, buckets }: ProbedStore, signal: AbortSignal): Promise<StoreProbe> {
      let driver: StorageDriver
      try {
        driver = (await drivers.get(id)).driver
      } catch (error) {
        if (!(error instanceof FadoError)) throw error
        // Its credentials cannot be decrypted.
        return { trouble: keyRefused(error.message), uptime: null, missing: [] }
      }
      return watchOf(id).ask(driver, buckets, signal)
    },
    async functions(deployment: ProbedFunctions, signal: AbortSignal): Promise<FunctionProbe> {
      let credentials: FaasCredentials
      try {
        credentials = openFaasCredentials(secrets, deployment.id, deployment.sealed)
      } catch (error) {
        if (!(error instanceof FadoError)) throw error
        return { trouble: keyRefused(error.message), addresses: [] }
      }
      const { clientKey, serviceAccount } = credentials
      const probed = await probeDeployment(
        { ...deployment, clientKey },
        {
          signal,
          forbiddenTarget,
          isAnother: (cluster) => cluster !== deployment.cluster && deployment.clusters.has(cluster),
        },
      )
      if (probed.trouble !== null || serviceAccount === undefined) return probed
      const troubles = audiencesOf(deployment).map((audience) => tokens.want({ serviceAccount, audience }).trouble)
      const trouble = troubles.find((one) => one !== null)
      return trouble === undefined ? probed : { ...probed, trouble: keyRefused(`Google gives no token: ${trouble}`) }
    },
    async list(deployment: Unlisted, signal: AbortSignal): Promise<readonly string[] | null> {
      const credentials = openFaasCredentials(secrets, deployment.id, deployment.sealed)
      return (await listFunctions({ forbiddenTarget }, { ...deployment, credentials }, signal)) ?? null
    },
  }
}

const keyRefused = (detail: string): ProbeTrouble => ({ cause: 'KEY_REFUSED', detail, away: false })
