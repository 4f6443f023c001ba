// Asks a store for what work asks of it: a signed read of a bucket that FaDO uses there. A bucket that alone fails is its own
// trouble, so others are asked before the store is said to be down.
import { askInTurn } from '../ask-in-turn.ts'
import { mostTelling, type ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { isRefused, isSilence, networkFailure } from '../network-failure.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'

export type StoreAnswer = {
  /** Null: it is well. */
  readonly trouble: ProbeTrouble | null
  /** Seconds since its process began; null where it does not tell. */
  readonly uptime: number | null
  /** Buckets that a store which is well said not to have: only a whole look may decide about one. */
  readonly missing: readonly string[]
}
export type StoreWatch = {
  /** `buckets`: names of buckets that FaDO uses there, sorted. Never rejects. */
  ask(driver: StorageDriver, buckets: readonly string[], signal: AbortSignal): Promise<StoreAnswer>
}

/** For the whole answer. Below the probe interval of 2 s, so that a silent store misses three probes within 6 s. */
const timeoutMs = 1_000
const bucketsAtOnce = 3
/** A bucket that failed alone is asked last for so long. */
const asideMs = 600_000
/** A store that does not tell how long it runs is asked that so often. */
const uptimeAgainMs = 60_000

type Asked = { readonly bucket: string | null; readonly error: StorageError | null }

export function watchStore(): StoreWatch {
  /** What sorts from here on is asked first: so each of its buckets has its turn, and one that is gone is missed. */
  let first = ''
  /** Until when these are asked last. */
  const aside = new Map<string, number>()
  let uptimeAskedAgainAt = 0

  async function uptimeOf(driver: StorageDriver, signal: AbortSignal): Promise<number | null> {
    if (performance.now() < uptimeAskedAgainAt) return null
    const uptime = await driver.uptime({ signal }).catch(() => null)
    if (uptime === null) uptimeAskedAgainAt = performance.now() + uptimeAgainMs
    return uptime
  }
  const isAside = (bucket: string): boolean => (aside.get(bucket) ?? 0) > performance.now()
  /** Those that failed alone; returns those that are missing. */
  function putAside(answers: readonly Asked[]): string[] {
    const failed = answers.flatMap(({ bucket, error }) =>
      bucket === null || error === null ? [] : [{ bucket, error }],
    )
    for (const { bucket } of failed) aside.set(bucket, performance.now() + asideMs)
    return failed.filter(({ error }) => error.kind === 'no-such-bucket').map(({ bucket }) => bucket)
  }
  return {
    async ask(driver, buckets, signal) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      const [uptime, asked] = await Promise.all([
        uptimeOf(driver, limited),
        askInTurn(
          candidates(buckets, first, isAside),
          (bucket) => askFor(driver, bucket, limited),
          ({ error }) => error === null,
        ),
      ])
      const answers = asked.filter((one) => one !== undefined)
      const well = answers.find(({ error }) => error === null)
      if (well) {
        if (well.bucket !== null) first = after(well.bucket)
        return { trouble: null, uptime, missing: putAside(answers) }
      }
      const trouble = troubleOf(answers)
      if (trouble === null) return { trouble, uptime, missing: [] }
      first = after(answers.findLast(({ bucket }) => bucket !== null)?.bucket ?? '')
      uptimeAskedAgainAt = 0
      return { trouble, uptime: null, missing: [] }
    },
  }
}

/** What sorts after it. */
const after = (bucket: string): string => `${bucket}\0`

/** Up to three, from `first` on. With fewer than two of them also the list of all buckets (null), which needs none. */
function candidates(
  buckets: readonly string[],
  first: string,
  isAside: (bucket: string) => boolean,
): (string | null)[] {
  const from = Math.max(
    0,
    buckets.findIndex((bucket) => bucket >= first),
  )
  const all = [...buckets.slice(from), ...buckets.slice(0, from)]
  const turned = [...all.filter((one) => !isAside(one)), ...all.filter(isAside)].slice(0, bucketsAtOnce)
  return turned.length < 2 ? [...turned, null] : turned
}

async function askFor(driver: StorageDriver, bucket: string | null, signal: AbortSignal): Promise<Asked> {
  try {
    if (bucket === null) await driver.listBuckets({ signal })
    else if ((await driver.headBucket(bucket, { signal })) === null)
      throw new StorageError('no-such-bucket', 'There is no such bucket', { status: 404 })
    return { bucket, error: null }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { bucket, error: await reasonOf(driver, error, signal) }
  }
}

/**
 * A refused HEAD has no body that says why, and not every store has a header for it as MinIO does. E.g. versitygw answers 404
 * to a key that it does not know, as to a bucket.
 */
async function reasonOf(driver: StorageDriver, error: StorageError, signal: AbortSignal): Promise<StorageError> {
  if (error.code !== null || !(error.kind === 'access-denied' || error.kind === 'no-such-bucket')) return error
  const better = await driver.listBuckets({ signal }).then(
    () => null,
    (failure: unknown) => failure,
  )
  return better instanceof StorageError && speaksForStore.has(better.kind) ? better : error
}

const speaksForStore: ReadonlySet<string> = new Set(['signature', 'clock-skew'])

function troubleOf(answers: readonly Asked[]): ProbeTrouble | null {
  const buckets = answers.flatMap(({ bucket }) => bucket ?? [])
  const errors = answers.flatMap(({ error }) => error ?? [])
  // It answers what is signed with the key, and that is all that can be asked where FaDO has no bucket.
  if (buckets.length === 0 && errors.every(({ kind }) => kind === 'access-denied')) return null
  return mostTelling(errors.map((error) => ({ ...inWords(error, buckets), away: wasAway(error) })))
}

function inWords(error: StorageError, buckets: readonly string[]): Pick<ProbeTrouble, 'cause' | 'detail'> {
  const { status, code, kind, cause, message } = error
  if (unanswered.has(kind) && status === null) {
    const detail = `It cannot be reached: ${networkFailure(cause, timeoutMs)}`
    return { cause: isSilence(cause) ? 'SILENT' : 'UNREACHABLE', detail }
  }
  const which = buckets.join(', ')
  switch (kind) {
    case 'signature':
      return {
        cause: 'KEY_REFUSED',
        detail: `It refuses FaDO's access key, secret key or region (${said(status, code)}): give it valid ones`,
      }
    case 'clock-skew':
      return { cause: 'CLOCK_APART', detail: "Its clock and FaDO's are more than 15 minutes apart: set them right" }
    case 'access-denied':
      return { cause: 'DENIED', detail: `It lets FaDO's key read none of ${which}: allow it s3:ListBucket there` }
    case 'no-such-bucket':
      return { cause: 'FAILING', detail: `It has none of the buckets ${which}: another store may answer there` }
    default:
      return { cause: 'FAILING', detail: status === null ? message : `It answers ${said(status, code)}` }
  }
}

const unanswered: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'aborted'])
const said = (status: number | null, code: string | null) => (code === null ? `${status}` : `${status} ${code}`)

/** Nobody listens, a proxy before it finds nobody, or it says that it has only just begun. */
const wasAway = ({ cause, status, code }: StorageError): boolean =>
  isRefused(cause) || status === 502 || status === 504 || code === 'XMinioServerNotInitialized'
