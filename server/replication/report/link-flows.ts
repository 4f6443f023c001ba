// What this mover carries over each link, told to the database once a second while it carries something.
import { type LinkFlow, writeLinkFlows } from '../../db/copies/link-flows.ts'
import type { Sql } from '../../db/core/pool.ts'

export type LinkFlows = {
  /** An object is worked on. `link`: as `linkOf` of the claims names it. */
  begin(link: string): { add(bytes: number): void; end(): void }
  stop(): Promise<void>
}

/** Over so many seconds, of which each has a place, a rate is taken. */
const windowSeconds = 10

type Flow = { moving: number; readonly bytes: number[]; seconds: number }

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

  function figures(link: string, { moving, bytes, seconds }: Flow): LinkFlow {
    const [fromStorageId = '', toStorageId = ''] = link.split(' ')
    const sum = bytes.reduce((all, one) => all + one, 0)
    const [from, to] = [fastest(fromStorageId), fastest(toStorageId)]
    const passed = (Math.min(seconds, windowSeconds) * everyMs) / 1000
    return {
      ...{ fromStorageId, toStorageId, moving },
      bytesPerSecond: sum === 0 ? null : sum / passed,
      roundTripMs: from === null || to === null ? null : from + to,
    }
  }
  function tick(): void {
    for (const flow of flows.values()) flow.seconds++
    for (const [link, { moving, bytes }] of flows)
      if (moving === 0 && bytes.every((count) => count === 0)) flows.delete(link)
    const said = [...flows].map(([link, flow]) => figures(link, flow))
    for (const { bytes, seconds } of flows.values()) bytes[seconds % windowSeconds] = 0
    writing = writing.then(() => writeLinkFlows(sql, owner, concurrency, said)).catch(onError)
    if (flows.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  function flowOf(link: string): Flow {
    const flow = flows.get(link) ?? { moving: 0, bytes: Array.from({ length: windowSeconds }, () => 0), seconds: 0 }
    flows.set(link, flow)
    timer ??= setInterval(tick, everyMs)
    return flow
  }
  return {
    begin(link) {
      const [from, to] = link.split(' ')
      if (from === to) return { add: () => undefined, end: () => undefined } // of the master itself nothing is carried
      flowOf(link).moving++
      return {
        add(bytes) {
          const flow = flowOf(link)
          const place = flow.seconds % windowSeconds
          flow.bytes[place] = (flow.bytes[place] ?? 0) + bytes
        },
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
