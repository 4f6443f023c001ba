// What the actors of a churn share: the system's public faces, the buckets with their true history, what was done to the
// system, and what was found wrong.
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoFile } from '../../../server/demo/demo-file.ts'
import { connect, type s3 } from '../../contract/client.mjs'
import type { KeyHistory } from './history.ts'
import type { BucketRules, Fault } from './judge.ts'
import type { Random } from './random.ts'

type Untyped = ReturnType<typeof s3>
export type Store = Omit<Untyped, 'send'> & {
  readonly send: (
    method: string,
    bucket: string,
    key?: string,
    options?: {
      readonly query?: Readonly<Record<string, string | number>>
      readonly body?: string | Buffer
      readonly headers?: Readonly<Record<string, string>>
    },
  ) => ReturnType<Untyped['send']>
}
export type ClusterName = DemoFile['stores'][number]['name']
export type Fado = Pick<ReturnType<typeof connect>, 'invoke'> & {
  readonly run: <T>(operation: string, variables?: object) => Promise<T>
  readonly must: <T>(operation: string, input: object) => Promise<T>
  readonly store: (name: string) => Store
}

export function connectTo(demo: DemoFile): Fado {
  const { run, must, invoke, stores } = connect(demo)
  const store = (name: string): Store => {
    const found = (stores as Record<string, Store>)[name]
    if (found === undefined) throw new Error(`there is no store ${name}`)
    return found
  }
  return { run, must, invoke, store }
}

/** What FaDO says of a bucket. */
export type Seen = {
  readonly replicas: readonly {
    readonly state: string
    readonly desired: string
    readonly serving: boolean
    readonly cause: string | null
    readonly storageDeployment: { readonly name: string }
  }[]
  readonly route: {
    readonly state: string
    readonly upstreams: readonly { readonly cluster: { readonly name: string } }[]
  }
}
export const seenBucket = (fado: Fado, name: string): Promise<Seen> => fado.run<Seen>('Bucket', { name })

/** A copy that policies may forbid, as far as outsiders can tell. Times in milliseconds. */
export type CopyWatch = {
  /** When the change that forbids it was answered; undefined: it is allowed. */
  forbiddenSince?: number | undefined
  /** Data of it was seen after that, and then some was seen to be missing. */
  hadData?: boolean
  shrankAt?: number | undefined
  /** It was seen to be gone, and has not been asked for since. */
  gone?: boolean
  /** When it was asked for after it had surely been gone. */
  askedFor?: number | undefined
  /** When the last call began that it answered. */
  lastCall?: number
}

export type ChurnBucket = {
  readonly name: string
  /** The same in every run. */
  readonly life: string
  readonly master: ClusterName
  readonly rules: BucketRules
  /** Keys that stay as they are from the start on, and those that change. */
  readonly stable: readonly string[]
  readonly changing: readonly string[]
  readonly history: (key: string) => KeyHistory
  readonly copy: (cluster: string) => CopyWatch
  /** Milliseconds. */
  readonly drainDelay: number
}

export type World = {
  readonly fado: Fado
  readonly demo: () => DemoFile
  readonly clusters: readonly ClusterName[]
  readonly buckets: readonly ChurnBucket[]
  readonly faults: Fault[]
  /** Ends writers and changes of policies; calls go on. */
  readonly quiet: AbortSignal
  readonly random: Random
  /** Something that must never be. */
  readonly wrong: (invariant: string, what: string) => void
  /** What was done, for whoever looks for the cause of what is wrong. */
  readonly note: (what: string) => void
  readonly count: (what: string) => void
  readonly atMost: (what: string, value: number) => void
}

const againMs = 50

/** Tries until it works: parts are away for a while. */
export async function persist<T>(what: string, work: () => Promise<T>, seconds = 60): Promise<T> {
  let last: unknown
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(againMs)) {
    try {
      return await work()
    } catch (error) {
      last = error
    }
  }
  throw new Error(`not within ${seconds} s: ${what}: ${last instanceof Error ? last.message : String(last)}`)
}

/** Waits until it holds; errors on the way count as no. */
export const until = (what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> =>
  persist(
    what,
    async () => {
      if (!(await holds())) throw new Error('not yet')
    },
    seconds,
  )

/** Does it over and over, with pauses, until the signal ends it. */
export async function repeat(signal: AbortSignal, pause: () => number, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work()
    await delay(pause(), undefined, { signal }).catch(() => undefined)
  }
}
