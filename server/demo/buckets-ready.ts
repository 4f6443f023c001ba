// Waits until the fleet does what it was told, and looks whether calls arrive.
import { setTimeout as delay } from 'node:timers/promises'
import { CliObjectsDocument } from '../../graphql/generated/operations.ts'
import type { Api } from '../cli/api.ts'
import { CommandFailure, exitCodes } from '../cli/failure.ts'
import { readBuckets } from '../cli/get-buckets.ts'

type Bucket = Awaited<ReturnType<typeof readBuckets>>[number]

const pollMs = 100

const isWhole = ({ route, replicas }: Bucket) =>
  route.state === 'SERVING' &&
  replicas.every(({ desired, serving, state }) => desired === 'ABSENT' || (serving && state === 'IN_SYNC'))

/** Undefined while the control plane is away: a part may be killed at any moment, and comes back. */
const look = (api: Api): Promise<readonly Bucket[] | undefined> =>
  readBuckets(api).catch((error: unknown) => {
    if (error instanceof CommandFailure && error.exitCode === exitCodes.unreachable) return undefined
    throw error
  })

/**
 * Until every bucket's route is in force and its copies have all that is known of it, at most `limitMs`; resolves to what
 * is there then.
 */
export async function untilSettled(api: Api, limitMs: number, signal: AbortSignal): Promise<readonly Bucket[]> {
  for (const end = performance.now() + limitMs; ; await delay(pollMs, undefined, { signal })) {
    const buckets = await look(api)
    if (buckets?.every(isWhole) || performance.now() > end) return buckets ?? []
  }
}

export type DemoCall = {
  readonly bucket: string
  readonly ok: boolean
  readonly status: number | undefined
  readonly servedBy: string | undefined
  /** Clusters that could have been asked. */
  readonly clusters: readonly string[]
}

const callMs = 10_000

/** What to ask each bucket for: its first object. */
async function firstKeys(api: Api, buckets: readonly Bucket[]): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>()
  const find = async ({ name }: Bucket) => {
    const { bucket } = await api.run(CliObjectsDocument, { name, first: 1 })
    const key = bucket?.objects.nodes[0]?.key
    if (key !== undefined) keys.set(name, key)
  }
  await Promise.all(buckets.map(find))
  return keys
}

/** One call through Envoy to a function that looks at an object of the bucket (or at none, where it is empty). */
async function callBucket(ingress: string, { name, route }: Bucket, key: string | undefined): Promise<DemoCall> {
  const path = key === undefined ? '/function/echo' : `/function/head?key=${encodeURIComponent(key)}`
  const response = await fetch(`${ingress}${path}`, {
    headers: { 'x-fado-bucket': name },
    signal: AbortSignal.timeout(callMs),
  }).catch(() => undefined)
  await response?.body?.cancel()
  const servedBy = response?.headers.get('x-fado-served-by') ?? undefined
  const ok = response?.status === 200 && servedBy !== undefined
  const clusters = route.upstreams.map(({ cluster }) => cluster.name)
  return { bucket: name, ok, status: response?.status, servedBy, clusters }
}

/**
 * Calls every bucket for an object that all its copies have: what is known of the master before the copies are seen to be
 * in sync is on each of them, while an object put a moment ago may rightly be missing where the call goes.
 */
export async function callBuckets(
  api: Api,
  ingress: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<DemoCall[]> {
  const keys = await firstKeys(api, await untilSettled(api, limitMs, signal))
  const buckets = await untilSettled(api, limitMs, signal)
  return Promise.all(buckets.map((bucket) => callBucket(ingress, bucket, keys.get(bucket.name))))
}
