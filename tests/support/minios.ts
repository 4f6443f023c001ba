import { afterAll, beforeAll } from 'vitest'
import { startMinio } from './minio.ts'
import { type MoverFleet, moverFleet } from './mover-fleet.ts'
import type { StoreProcess } from './store-process.ts'

/** A million objects take a while to be removed. */
const mostStopMs = 600_000

/** MinIOs for all tests of a file. Each test gets a database of its own and takes its own bucket names. */
export function minios(...names: readonly string[]) {
  const running = new Map<string, StoreProcess>()
  beforeAll(async () => {
    await Promise.all(names.map(async (name) => running.set(name, await startMinio())))
  })
  afterAll(() => Promise.all([...running.values()].map((store) => store.stop())), mostStopMs)
  const processOf = (name: string): StoreProcess => {
    const found = running.get(name)
    if (found === undefined) throw new Error(`no store ${name}`)
    return found
  }
  return {
    process: processOf,
    fleet: (): Promise<MoverFleet> => moverFleet(names.map((name) => ({ name, endpoint: processOf(name).endpoint }))),
  }
}
