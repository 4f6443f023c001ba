// What this mover carries over each link, told to the database once a second while it carries something.
import { type LinkFlow, writeLinkFlows } from '../../db/copies/link-flows.ts'
import type { Sql } from '../../db/core/pool.ts'

export type LinkFlows = {
  /** An object is worked on. `link`: as `linkOf` of the claims names it. */
  begin(link: string): { add(bytes: number): void /** It is done, before its end. */; done(): void; end(): void }
  stop(): Promise<void>
}

/** Over so many seconds, of which each has a place, a rate is taken. */
const windowSeconds = 10

type Flow = { moving: number; readonly bytes: number[]; readonly objects: number[]; seconds: number }

const sumOf = (figures: readonly number[]): number => figures.reduce((all, one) => all + one, 0)
const noFigures = (): number[] => Array.from({ length: windowSeconds }, () => 0)

export function createLinkFlows(deps: {
  readonly sql: Sql
  readonly owner: string
  readonly concurrency: number
  /** The fastest answer of a store lately; null: none. */
  readonly fastest: (storageId: string) => number | null
  readonly everyMs?: number
  readonly onError: (error: unknown) => void
}): LinkFlows {
  const { sql, owner, concurrency, fastest, everyMs = 1_000, onError } = deps
  const flows = new Map<string, Flow>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function figures(link: string, { moving, bytes, objects, seconds }: Flow): LinkFlow {
    const [fromStorageId = '', toStorageId = ''] = link.split(' ')
    const [sum, done] = [sumOf(bytes), sumOf(objects)]
    const [from, to] = [fastest(fromStorageId), fastest(toStorageId)]
    const passed = (Math.min(seconds, windowSeconds) * everyMs) / 1000
    return {
      ...{ fromStorageId, toStorageId, moving },
      bytesPerSecond: sum === 0 ? null : sum / passed,
      objectsPerSecond: done === 0 ? null : done / passed,
      roundTripMs: from === null || to === null ? null : from + to,
    }
  }
  function tick(): void {
    for (const flow of flows.values()) flow.seconds++
    for (const [link, { moving, bytes, objects }] of flows)
      if (moving === 0 && sumOf(bytes) === 0 && sumOf(objects) === 0) flows.delete(link)
    const said = [...flows].map(([link, flow]) => figures(link, flow))
    for (const { bytes, objects, seconds } of flows.values())
      for (const figures of [bytes, objects]) figures[seconds % windowSeconds] = 0
    writing = writing.then(() => writeLinkFlows(sql, owner, concurrency, said)).catch(onError)
    if (flows.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  function flowOf(link: string): Flow {
    const flow = flows.get(link) ?? { moving: 0, bytes: noFigures(), objects: noFigures(), seconds: 0 }
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
      if (from === to) return { add: () => undefined, done: () => undefined, end: () => undefined } // of the master itself nothing is carried
      flowOf(link).moving++
      return {
        add: (bytes) => count(flowOf(link), 'bytes', bytes),
        done: () => count(flowOf(link), 'objects', 1),
        end: () => void flowOf(link).moving--,
      }
    },
    async stop() {
      clearInterval(timer)
      await writing
      if (flows.size > 0) await writeLinkFlows(sql, owner, concurrency, []).catch(onError)
    },
  }
}
