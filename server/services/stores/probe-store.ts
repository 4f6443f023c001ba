// A store is tried before it is registered or changed: nothing is stored when it cannot be used.
import { type SealedStorage, sealedStorages } from '../../db/catalogue/storage-deployments.ts'
import { FadoError } from '../../domain/errors.ts'
import type { CapabilityGap } from '../../domain/fleet/store-capability.ts'
import { openCredentials } from '../../secrets.ts'
import { commonRegion } from '../../storage/addresses.ts'
import { certificateProblem, speaksNoTls } from '../../storage/map-error.ts'
import type { StoreTrial } from '../../storage/storage-driver.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { OpenAccess, ServiceDeps } from '../shared/deps.ts'
import { refuseForbiddenNow } from '../shared/refuse-forbidden.ts'

const probeMs = 30_000
const lookMs = 3_000
/** S3's own limit: requests signed by a clock further away are refused. */
const maxSkewMs = 15 * 60_000

/**
 * What a store can do, and how the trials of the rest went. `region`: the one that it was asked in at last; null: the usual one, and
 * none was given.
 */
export type Probed = {
  readonly capabilities: readonly string[]
  readonly lacking: readonly CapabilityGap[]
  readonly region: string | null
  /** Whether its buckets change their creation dates; null: that could not be tried. */
  readonly datesMove: boolean | null
}

/** `except` is the store that is changed: it is of course seen through itself. */
export async function tryStore(deps: ServiceDeps, access: OpenAccess, except?: string): Promise<Probed> {
  let twin: string | undefined
  const onBucket = async (bucket: string) => {
    twin = await findThroughOthers(deps, bucket, except)
    if (twin !== undefined) throw new Error('the same store under another name')
  }
  await refuseForbiddenNow(deps, access.endpoint, ['endpoint'])
  const driver = connectOrRefuse(deps, access)
  let probe: StoreTrial
  try {
    probe = await driver.probe({ signal: AbortSignal.timeout(probeMs), onBucket })
  } catch (error) {
    if (twin !== undefined)
      throw new FadoError('ALREADY_EXISTS', `This is the store ${twin}, which is registered already`, {
        path: ['endpoint'],
      })
    throw storeRefusal(error, access.endpoint)
  } finally {
    await driver.close()
  }
  if (probe.leftBehind !== null)
    deps.log.warn({ endpoint: access.endpoint, bucket: probe.leftBehind }, 'a probe bucket could not be removed')
  if (probe.clockSkewMs !== null && Math.abs(probe.clockSkewMs) > maxSkewMs)
    throw new FadoError(
      'VALIDATION_FAILED',
      `The store's clock is ${Math.round(probe.clockSkewMs / 60_000)} minutes off, at most 15 are allowed`,
      {
        path: ['endpoint'],
      },
    )
  const order = probe.capabilities['ordered-listing']
  if (order.state === 'missing')
    throw new FadoError(
      'UNSAFE',
      `The store does not list objects in the order of their names (${order.reason}): FaDO could not tell whether copies there are whole`,
      { path: ['endpoint'] },
    )
  const verdicts = Object.entries(probe.capabilities)
  const dates = probe.capabilities['bucket-dates'].state
  return {
    capabilities: verdicts.flatMap(([name, { state }]) => (state === 'present' ? [name] : [])).sort(),
    lacking: verdicts.flatMap(([capability, verdict]) =>
      verdict.state === 'present' ? [] : [{ capability, reason: verdict.reason }],
    ),
    region: probe.region === commonRegion && access.region === null ? null : probe.region,
    datesMove: dates === 'unknown' ? null : dates === 'missing',
  }
}

function connectOrRefuse(deps: ServiceDeps, access: OpenAccess) {
  try {
    return deps.connect(access)
  } catch (error) {
    throw storeRefusal(error, access.endpoint)
  }
}

/** The name of the registered store that shows this bucket too. One that cannot be asked now is passed over. */
async function findThroughOthers(deps: ServiceDeps, bucket: string, except?: string): Promise<string | undefined> {
  const others = (await sealedStorages(deps.pool)).filter((store) => store.id !== except)
  const seen = await Promise.all(others.map((store) => shows(deps, store, bucket)))
  return others.find((_, i) => seen[i])?.name
}

async function shows(deps: ServiceDeps, store: SealedStorage, bucket: string): Promise<boolean> {
  try {
    const driver = deps.connect(accessOf(deps, store))
    try {
      return (await driver.headBucket(bucket, { signal: AbortSignal.timeout(lookMs) })) !== null
    } finally {
      await driver.close()
    }
  } catch {
    return false
  }
}

export function accessOf({ secrets }: Pick<ServiceDeps, 'secrets'>, store: SealedStorage): OpenAccess {
  const { endpoint, publicEndpoint, region, addressing, caCertificates, skipTlsVerify } = store
  const reached = { endpoint, publicEndpoint, region, addressing, caCertificates, skipTlsVerify }
  return { ...reached, ...openCredentials(secrets, store.id, store.credentials) }
}

/** What to tell a user of a store's failure: which of the checks failed, and where to mend it. */
export function storeRefusal(error: unknown, endpoint: string): unknown {
  if (!(error instanceof StorageError)) return error
  const say = (code: 'UNREACHABLE' | 'VALIDATION_FAILED', text: string, field: string) =>
    new FadoError(code, text, { path: [field], cause: error })
  const notReachable = () =>
    say('UNREACHABLE', `The store at ${endpoint} is not reachable: it does not answer`, 'endpoint')
  switch (error.kind) {
    case 'unreachable': {
      if (speaksNoTls(error))
        return say(
          'UNREACHABLE',
          `What answers at ${endpoint} does not speak TLS: give an http endpoint, or the port at which the store does`,
          'endpoint',
        )
      const certificate = certificateProblem(error)
      if (certificate === null) return notReachable()
      return say(
        'UNREACHABLE',
        `The store at ${endpoint} is reachable, but its certificate is not accepted (${certificate}). Give the CA that ` +
          "signed it, or the name that it was made for as the endpoint's",
        'caCertificates',
      )
    }
    case 'timeout':
    case 'aborted':
    case 'slow-down':
      return notReachable()
    case 'server-error':
      return say(
        'UNREACHABLE',
        `The store at ${endpoint} is reachable and answers that it is broken (${error.status ?? 'no status'})`,
        'endpoint',
      )
    case 'signature':
      if (error.region !== null)
        return say('VALIDATION_FAILED', `The store lies in the region ${error.region}: give that one`, 'region')
      return say(
        'VALIDATION_FAILED',
        'The credentials are refused: the store does not know this access key, or the secret key is wrong',
        'secretKey',
      )
    case 'access-denied':
      return say(
        'VALIDATION_FAILED',
        'The credentials do not suffice: the store does not allow them what FaDO needs, to list its buckets for one',
        'accessKey',
      )
    case 'clock-skew':
      return say('VALIDATION_FAILED', "The store's clock and FaDO's are more than 15 minutes apart", 'endpoint')
    case 'protocol':
      return say(
        'VALIDATION_FAILED',
        `The capabilities of a store are missing: what answers at ${endpoint} does not speak S3`,
        'endpoint',
      )
    default:
      return say(
        'VALIDATION_FAILED',
        `The store's capabilities do not suffice: it refuses what FaDO needs (${error.code ?? error.kind})`,
        'endpoint',
      )
  }
}
