// What this mover carries over each link, told to the database once a second while it carries something.
import { addLinkBytes, type FlowConcurrency, type LinkFlow, writeLinkFlows } from '../../db/copies/link-flows.ts'
import type { Sql } from '../../db/core/pool.ts'

export type LinkFlows = {
  /** An object is worked on. `link`: as `linkOf` of the claims names it. */
  begin(link: string): Carrying
  stop(): Promise<void>
}

type Carrying = {
  add(bytes: number): void
  /** The object is done; its end comes after it. */
  done(): void
  end(): void
}
/** Of the master itself nothing is carried. */
const nothingCarried: Carrying = { add: () => undefined, done: () => undefined, end: () => undefined }

/** Over so many seconds, of which each has a place, a rate is taken. */
const windowSeconds = 10

type Flow = {
  moving: number
  bytesUnderWay: number
  readonly bytes: number[]
  readonly objects: number[]
  seconds: number
}

const sumOf = (figures: readonly number[]): number => figures.reduce((all, one) => all + one, 0)
const noFigures = (): number[] => Array.from({ length: windowSeconds }, () => 0)

export function createLinkFlows(deps: {
  readonly sql: Sql
  readonly owner: string
  /** How many at once were found to be right, of links that it works on. */
  readonly concurrency: (link: string) => FlowConcurrency | null
  /** The fastest answer of a store lately; null: none. */
  readonly fastest: (storageId: string) => number | null
  readonly everyMs?: number
  readonly onError: (error: unknown) => void
}): LinkFlows {
  const { sql, owner, concurrency, fastest, everyMs = 1_000, onError } = deps
  const flows = new Map<string, Flow>()
  /** Bytes that the figures of the month lack. */
  const untold = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function figures(link: string, { moving, bytesUnderWay, bytes, objects, seconds }: Flow): LinkFlow {
    const [fromStorageId = '', toStorageId = ''] = link.split(' ')
    const [sum, done] = [sumOf(bytes), sumOf(objects)]
    const [from, to] = [fastest(fromStorageId), fastest(toStorageId)]
    const passed = (Math.min(seconds, windowSeconds) * everyMs) / 1000
    return {
      concurrency: concurrency(link),
      ...{ fromStorageId, toStorageId, moving, bytesUnderWay },
      bytesPerSecond: sum === 0 ? null : sum / passed,
      objectsPerSecond: done === 0 ? null : done / passed,
      roundTripMs: from === null || to === null ? null : from + to,
    }
  }
  function tick(): void {
    for (const flow of flows.values()) flow.seconds++
    for (const [link, { moving, bytes, objects }] of flows)
      if (moving === 0 && sumOf(bytes) === 0 && sumOf(objects) === 0 && !concurrency(link)?.inUse) flows.delete(link)
    const said = [...flows].map(([link, flow]) => figures(link, flow))
    for (const { bytes, objects, seconds } of flows.values())
      for (const figures of [bytes, objects]) figures[seconds % windowSeconds] = 0
    writing = writing
      .then(() => writeLinkFlows(sql, owner, said))
      .then(tellBytes)
      .catch(onError)
    if (flows.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const owe = (link: string, bytes: number) => untold.set(link, (untold.get(link) ?? 0) + bytes)
  async function tellBytes(): Promise<void> {
    const carried = [...untold]
    if (carried.length === 0) return
    untold.clear()
    try {
      const rows = carried.map(([link, bytes]) => {
        const [fromStorageId = '', toStorageId = ''] = link.split(' ')
        return { fromStorageId, toStorageId, bytes }
      })
      await addLinkBytes(sql, rows)
    } catch (error) {
      for (const [link, bytes] of carried) owe(link, bytes)
      throw error
    }
  }
  function flowOf(link: string): Flow {
    const flow = flows.get(link) ?? {
      moving: 0,
      bytesUnderWay: 0,
      bytes: noFigures(),
      objects: noFigures(),
      seconds: 0,
    }
    flows.set(link, flow)
    timer ??= setInterval(tick, everyMs)
    return flow
  }
  function count(flow: Flow, what: 'bytes' | 'objects', more: number): void {
    const place = flow.seconds % windowSeconds
    flow[what][place] = (flow[what][place] ?? 0) + more
  }
  return {
    begin(link) {
      const [from, to] = link.split(' ')
      if (from === to) return nothingCarried
      flowOf(link).moving++
      let own = 0
      return {
        add(bytes) {
          count(flowOf(link), 'bytes', bytes)
          flowOf(link).bytesUnderWay += bytes
          own += bytes
          owe(link, bytes)
        },
        done: () => count(flowOf(link), 'objects', 1),
        end() {
          const flow = flowOf(link)
          flow.moving--
          flow.bytesUnderWay -= own
        },
      }
    },
    async stop() {
      clearInterval(timer)
      await writing
      await tellBytes().catch(onError)
      if (flows.size > 0) await writeLinkFlows(sql, owner, []).catch(onError)
    },
  }
}
