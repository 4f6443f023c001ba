// What this mover carries over each link, told to the database once a second while it carries something.
import {
  addLinkBytes,
  type FlowConcurrency,
  type LinkBytes,
  type LinkFlow,
  writeLinkFlows,
} from '../../db/copies/link-flows.ts'
import type { Sql } from '../../db/core/pool.ts'
import { isOfMaster, type Link, linkId } from '../../domain/links/link.ts'

export type LinkFlows = {
  /** An object is worked on. */
  begin(link: Link): Carrying
  stop(): Promise<void>
}

export type Carrying = {
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
  readonly link: Link
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
  readonly concurrency: (link: Link) => FlowConcurrency | null
  /** The fastest answer of a store lately; null: none. */
  readonly fastest: (storageId: string) => number | null
  readonly everyMs?: number
  readonly onError: (error: unknown) => void
}): LinkFlows {
  const { sql, owner, concurrency, fastest, everyMs = 1_000, onError } = deps
  const flows = new Map<string, Flow>()
  /** Bytes that the figures of the month lack. */
  const untold = new Map<string, LinkBytes>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function figures({ link, moving, bytesUnderWay, bytes, objects, seconds }: Flow): LinkFlow {
    const [sum, done] = [sumOf(bytes), sumOf(objects)]
    const [from, to] = [fastest(link.fromStorageId), fastest(link.toStorageId)]
    const passed = (Math.min(seconds, windowSeconds) * everyMs) / 1000
    return {
      ...{ link, moving, bytesUnderWay },
      concurrency: concurrency(link),
      bytesPerSecond: sum === 0 ? null : sum / passed,
      objectsPerSecond: done === 0 ? null : done / passed,
      roundTripMs: from === null || to === null ? null : from + to,
    }
  }
  function tick(): void {
    for (const flow of flows.values()) flow.seconds++
    for (const [id, { link, moving, bytes, objects }] of flows)
      if (moving === 0 && sumOf(bytes) === 0 && sumOf(objects) === 0 && !concurrency(link)?.inUse) flows.delete(id)
    const said = [...flows.values()].map(figures)
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
  function owe(link: Link, bytes: number): void {
    const id = linkId(link)
    untold.set(id, { link, bytes: (untold.get(id)?.bytes ?? 0) + bytes })
  }
  async function tellBytes(): Promise<void> {
    const carried = [...untold.values()]
    if (carried.length === 0) return
    untold.clear()
    try {
      await addLinkBytes(sql, carried)
    } catch (error) {
      for (const { link, bytes } of carried) owe(link, bytes)
      throw error
    }
  }
  function flowOf(link: Link): Flow {
    const id = linkId(link)
    const flow = flows.get(id) ?? {
      link,
      moving: 0,
      bytesUnderWay: 0,
      bytes: noFigures(),
      objects: noFigures(),
      seconds: 0,
    }
    flows.set(id, flow)
    timer ??= setInterval(tick, everyMs)
    return flow
  }
  function count(flow: Flow, what: 'bytes' | 'objects', more: number): void {
    const place = flow.seconds % windowSeconds
    flow[what][place] = (flow[what][place] ?? 0) + more
  }
  return {
    begin(link) {
      if (isOfMaster(link)) return nothingCarried
      const flow = flowOf(link)
      flow.moving++
      let own = 0
      return {
        add(bytes) {
          count(flow, 'bytes', bytes)
          flow.bytesUnderWay += bytes
          own += bytes
          owe(link, bytes)
        },
        done: () => count(flow, 'objects', 1),
        end() {
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
