// `fado function-server`: one function platform until it is asked to stop.
import { once } from 'node:events'
import { FadoError } from '../domain/errors.ts'
import { createStorageDriver } from '../storage/create-storage-driver.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'
import { StorageError } from '../storage/storage-error.ts'
import { tellReady } from '../supervise/die-with-parent.ts'
import { startFunctionServer } from './function-server.ts'

export type ServeFunctionsOptions = {
  readonly cluster: string
  /** S3 address of the cluster's store. */
  readonly store: string
  readonly address: string
  readonly port: number
  /** Holds FADO_STORE_ACCESS_KEY and FADO_STORE_SECRET_KEY. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly signal: AbortSignal
}

function required(env: ServeFunctionsOptions['env'], name: string): string {
  const value = env[name]
  if (value) return value
  throw new FadoError('VALIDATION_FAILED', `The environment variable ${name} is missing: it opens the cluster's store`)
}

function openStore(endpoint: string, env: ServeFunctionsOptions['env']): StorageDriver {
  const accessKey = required(env, 'FADO_STORE_ACCESS_KEY')
  const secretKey = required(env, 'FADO_STORE_SECRET_KEY')
  try {
    return createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey })
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause
    throw new FadoError('VALIDATION_FAILED', `--store ${endpoint}: ${cause.message}`, { cause })
  }
}

export async function serveFunctions({
  cluster,
  store,
  address,
  port,
  env,
  print,
  signal,
}: ServeFunctionsOptions): Promise<number> {
  const driver = openStore(store, env)
  try {
    const server = await startFunctionServer({ cluster, store: driver, address, port })
    print(`The functions of ${cluster} are at http://${address}:${server.port}, its data at ${store}; Ctrl-C stops`)
    tellReady()
    if (!signal.aborted) await once(signal, 'abort')
    await server.stop()
  } finally {
    await driver.close()
  }
  return 0
}
