// Functions that read an object of their call's bucket. They count where.
import { type FunctionServer, startFunctionServer } from '../server/demo/function-server.ts'
import type { FunctionStore } from '../server/demo/functions.ts'
import type { StorageDriver } from '../server/storage/storage-driver.ts'
import { StorageError } from '../server/storage/storage-error.ts'

export type Reads = { local: number; remote: number }

export type Site = {
  readonly cluster: string
  readonly store: StorageDriver
  /** The same store, as other clusters reach it. */
  readonly overLink: StorageDriver
}

/** What functions read first: their own cluster's store, or that of the bucket's master, which they were told once and for all. */
export type ReadFirst = 'own' | 'master'

export type ReadingFunctions = {
  readonly ports: readonly number[]
  readonly reads: Reads
  readonly stop: () => Promise<void>
}

const isMissing = (error: unknown) =>
  error instanceof StorageError && (error.kind === 'no-such-bucket' || error.kind === 'no-such-key')

/** One server for each site. `masterOf`: the cluster of a bucket's master. */
export async function startReadingFunctions(
  sites: readonly Site[],
  masterOf: (bucket: string) => string,
  first: ReadFirst,
): Promise<ReadingFunctions> {
  const reads: Reads = { local: 0, remote: 0 }
  const siteOf = (bucket: string): Site => {
    const site = sites.find(({ cluster }) => cluster === masterOf(bucket))
    if (site === undefined) throw new Error(`nobody has ${bucket}`)
    return site
  }
  const storeOf = (own: Site): FunctionStore => ({
    head: (...args) => own.store.head(...args),
    async open(bucket, key, options) {
      const master = siteOf(bucket)
      if (first === 'own' || master === own)
        try {
          const opened = await own.store.open(bucket, key, options)
          reads.local++
          return opened
        } catch (error) {
          if (master === own || !isMissing(error)) throw error
        }
      reads.remote++
      return master.overLink.open(bucket, key, options)
    },
  })
  const servers: readonly FunctionServer[] = await Promise.all(
    sites.map((site) =>
      startFunctionServer({ cluster: site.cluster, store: storeOf(site), address: '127.0.0.1', port: 0 }),
    ),
  )
  return {
    ports: servers.map(({ port }) => port),
    reads,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}
