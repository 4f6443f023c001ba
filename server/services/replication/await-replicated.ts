// Waits until copies hold what their master had: one reader asks for all who wait, however many.
import {
  type AwaitedKey,
  type AwaitedState,
  type Awaiting,
  awaitedStates,
  beginAwaiting,
} from '../../db/catalogue/awaiting.ts'
import { type StorageRecord, storagesByIds } from '../../db/catalogue/storage-deployments.ts'
import { grouped } from '../../db/core/grouped.ts'
import { databaseOutage } from '../../db/core/outage.ts'
import { FadoError } from '../../domain/errors.ts'
import { isObjectKey } from '../../domain/object-key.ts'
import { startWorkLoop } from '../../work-loop.ts'
import { notFound } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type AwaitReplicated = {
  readonly bucket: string
  /** Default: all of the bucket. */
  readonly key?: string | null | undefined
  /** Default: all copies that are wanted. */
  readonly replicas?: number | null | undefined
  readonly timeoutSeconds: number
}
export type ReplicaDone = { readonly storage: StorageRecord; readonly done: boolean }
export type Awaited = {
  readonly done: boolean
  /** Of a key: false when neither the master nor a copy has it. Null: not known in time, or of all of the bucket. */
  readonly exists: boolean | null
  readonly replicas: readonly ReplicaDone[]
}

/** Below what HTTP clients wait for an answer; who wants to wait longer asks again. */
const longestWait = 240
const mostWaits = 10_000
const lookSeconds = 0.05

type Wait = Awaiting & {
  readonly replicas: number | null
  /** By this process's clock. */
  readonly until: number
  state: AwaitedState | null
  readonly end: (state: AwaitedState | null) => void
}

const isDone = ({ key, replicas, state }: Wait): boolean => {
  if (state === null || !state.settled) return false
  if (key !== null && state.exists === null) return false
  const done = state.copies.filter((copy) => copy.done).length
  return replicas === null ? done === state.copies.length : done >= replicas
}

export function createReplicationWaits({ pool, log }: Pick<ServiceDeps, 'pool' | 'log'>) {
  const waits = new Set<Wait>()
  let stopped = false
  const begin = grouped(
    (asked: readonly AwaitedKey[]) => beginAwaiting(pool, asked),
    (error) => databaseOutage(error) !== undefined,
  )
  /** Names are asked for many at once, too. */
  const storageOf = grouped(
    async (ids: readonly string[]) => {
      const found = new Map((await storagesByIds(pool, ids)).map((storage) => [storage.id, storage]))
      return ids.map((id) => found.get(id))
    },
    (error) => databaseOutage(error) !== undefined,
  )

  async function look(): Promise<void> {
    const all = [...waits]
    const same = Map.groupBy(all, ({ bucketId, key, at }) => JSON.stringify([bucketId, key, at]))
    const asked = [...same.values()].flatMap(([first]) => first ?? [])
    for (const [i, state] of (await awaitedStates(pool, asked)).entries())
      for (const wait of same.get([...same.keys()][i] ?? '') ?? []) wait.state = state
  }
  function endThose(which: (wait: Wait) => boolean): void {
    for (const wait of waits) {
      if (!which(wait)) continue
      waits.delete(wait)
      wait.end(wait.state)
    }
  }
  const loop = startWorkLoop({
    retryMs: 250,
    onError: (error) => log.warn({ err: error }, 'it cannot be seen what copies hold'),
    async step() {
      if (waits.size === 0) return undefined
      try {
        await look()
        endThose((wait) => isDone(wait) || wait.state?.there === false)
      } finally {
        endThose(({ until }) => performance.now() >= until)
      }
      return lookSeconds
    },
  })

  return {
    /** Resolves when it is so, or when the time is over. Throws NOT_FOUND when there is no such bucket. */
    async awaitReplicated(input: AwaitReplicated): Promise<Awaited> {
      const { bucket, key = null, replicas = null, timeoutSeconds } = input
      check(input)
      const until = performance.now() + timeoutSeconds * 1000
      if (stopped || waits.size >= mostWaits)
        throw new FadoError('LIMIT_EXCEEDED', 'Too many wait here already: ask again in a moment')
      const awaiting = await begin({ bucket, key })
      if (awaiting === null) throw notFound('bucket', bucket, ['bucket'])
      let wait: Wait | undefined
      const state = await new Promise<AwaitedState | null>((end) => {
        wait = { ...awaiting, replicas, until, state: null, end }
        waits.add(wait)
        loop.wake()
      })
      if (state?.there === false) throw notFound('bucket', bucket, ['bucket'])
      const copies = await Promise.all(
        (state?.copies ?? []).map(async ({ storageId, done }) => ({ storage: await storageOf(storageId), done })),
      )
      return {
        done: wait !== undefined && isDone(wait),
        exists: state?.exists ?? null,
        replicas: copies.flatMap(({ storage, done }) => (storage === undefined ? [] : [{ storage, done }])),
      }
    },
    /** Everybody is told what is known; nobody waits any more. */
    async endWaits(): Promise<void> {
      stopped = true
      await loop.stop()
      endThose(() => true)
    },
  }
}

function check({ key, replicas, timeoutSeconds }: AwaitReplicated): void {
  if (key !== undefined && key !== null && !isObjectKey(key)) throw invalid('key must be the key of an object', ['key'])
  if (replicas !== undefined && replicas !== null && (replicas < 1 || replicas > 100))
    throw invalid('replicas must be 1 to 100', ['replicas'])
  if (timeoutSeconds < 0 || timeoutSeconds > longestWait)
    throw invalid(`timeoutSeconds must be 0 to ${longestWait}; who wants to wait longer asks again`, ['timeoutSeconds'])
}
