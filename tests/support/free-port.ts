import { createServer } from 'node:net'

/** Above those that demos choose from, below those that the system gives to outgoing connections: any of these may be taken by one. */
const [first, end] = [30_000, 32_768]
/** Test files that run at the same time choose from lanes of their own. */
export const lanes = 4
export const lane = Number(process.env['VITEST_POOL_ID'] ?? process.env['TEST_PARALLEL_INDEX'] ?? 0) % lanes
const perLane = Math.floor((end - first) / lanes)
let next = Math.floor(Math.random() * perLane)

/** Whether nobody listens there. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

/** A port of loopback that is free now, for programs that cannot choose one themselves; another one at each call. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < perLane; tried++) {
    next = (next + 1) % perLane
    const port = first + next * lanes + lane
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${first} to ${end - 1} is free`)
}
