// Links, and what copies wait for.
import { copyBacklogs, endsOf, type LinkConcurrency, type LinkRecord, listLinks } from '../../db/catalogue/links.ts'
import { type Pause, pausesOfBuckets } from '../../db/catalogue/pauses.ts'
import {
  type LagByAge,
  lagsByAge,
  type WaitingRecord,
  waitingRecords,
  waitingReplicaIds,
} from '../../db/catalogue/waiting.ts'
import type { Sql } from '../../db/core/pool.ts'
import { type StoreRate, storeRates } from '../../db/policies/cluster-rates.ts'
import type { WindowNow } from '../../domain/bandwidth/cluster-rate.ts'
import { aboutWhen } from '../../domain/forecast/about-when.ts'
import type { Amount } from '../../domain/forecast/amount.ts'
import { isUsed } from '../../domain/links/in-use.ts'
import { linkId } from '../../domain/links/link.ts'
import { reasonOfLowered } from '../../domain/links/say-concurrency.ts'
import { isUnserved } from '../../domain/links/unserved.ts'
import type { Reason } from '../../domain/reason.ts'
import { reasonOfSource } from '../../domain/replica/say-source.ts'
import { reasonOfWaiting, windowWords } from '../../domain/waiting/say-waiting.ts'
import { isHeldUp, type LinkFacts, type WaitingFacts, whyWaiting } from '../../domain/waiting/why-waiting.ts'
import { keepAnswer } from '../shared/keep-answer.ts'
import { requirePageSize } from '../shared/paging.ts'

export type LinkView = Omit<LinkRecord, 'concurrency'> & {
  readonly reasons: readonly Reason[]
  readonly windows: readonly WindowView[]
  readonly concurrency: ConcurrencyView | null
}
export type ConcurrencyView = Omit<LinkConcurrency, 'lowered'> & {
  readonly lowered: { readonly reason: Reason; readonly at: Date } | null
}
/** Of a cluster at one of its ends; `message` tells it to people. */
export type WindowView = WindowNow & { readonly cluster: string; readonly message: string }
export type PauseView = Pause
export type LagByAgeView = LagByAge
export type WaitingView = Amount & { readonly reason: Reason; readonly etaSeconds: number | null }

const windowsOf = (ends: readonly StoreRate[]): WindowView[] =>
  ends.flatMap(({ cluster, window, at }) =>
    window === null ? [] : [{ ...window, cluster, message: windowWords({ ...window, cluster, at }) }],
  )

function concurrencyOf({ concurrency }: LinkRecord): ConcurrencyView | null {
  if (concurrency === null) return null
  const { lowered, ...figures } = concurrency
  const said = lowered === null ? null : { reason: reasonOfLowered(lowered.why, lowered.store), at: lowered.at }
  return { ...figures, lowered: said }
}

const idle: LinkFacts = { moving: 0, bytesUnderWay: 0, objectsPerSecond: null, bytesPerSecond: null, limit: null }

/** What is known of the link of a copy. `ends`: what policies of both clusters say; `others`: what waits for it of other copies. */
type Around = { readonly link: LinkFacts; readonly ends: readonly StoreRate[]; readonly others: readonly Amount[] }

function factsOf(record: WaitingRecord, { link, ends, others }: Around): WaitingFacts {
  const { masterObjects, masterBytes } = record
  return {
    ...record,
    inMaster: masterObjects === null ? null : { objects: masterObjects, bytes: masterBytes ?? 0 },
    due: { objects: record.dueObjects, bytes: record.dueBytes, oldestSeconds: record.dueSeconds },
    failed: {
      objects: record.failedObjects,
      bytes: record.failedBytes,
      tries: record.failedTries,
      seconds: record.failedSeconds,
      failure: record.failure,
    },
    later: { objects: record.laterObjects, bytes: record.laterBytes, seconds: record.laterSeconds },
    worked: { objects: record.workedObjects, bytes: record.workedBytes },
    ...{ link, others },
    closed: ends.flatMap(({ cluster, window, closed, at }) =>
      window === null || closed === null || closed.from !== null ? [] : [{ cluster, ...window, at }],
    ),
    closing: nextClosing(ends),
  }
}

function nextClosing(ends: readonly StoreRate[]): WaitingFacts['closing'] {
  const ahead = ends.flatMap(({ closed, at }) =>
    closed === null || closed.from === null
      ? []
      : [
          {
            in: (closed.from - at) / 1000,
            for: closed.until === null ? null : (closed.until - closed.from) / 1000,
          },
        ],
  )
  return ahead.toSorted((a, b) => a.in - b.in)[0] ?? null
}

/** The link from its master, with what comes over that of the copy which lends to it. */
function linkOfCopy(record: WaitingRecord, links: ReadonlyMap<string, LinkFacts>): LinkFacts {
  const own = links.get(linkId(record)) ?? idle
  const { sourceStorageId: fromStorageId, toStorageId } = record
  if (fromStorageId === null || fromStorageId === record.fromStorageId) return own
  const lent = links.get(linkId({ fromStorageId, toStorageId })) ?? idle
  const both = (a: number | null, b: number | null) => (a === null && b === null ? null : (a ?? 0) + (b ?? 0))
  return {
    ...own,
    moving: own.moving + lent.moving,
    bytesUnderWay: own.bytesUnderWay + lent.bytesUnderWay,
    bytesPerSecond: both(own.bytesPerSecond, lent.bytesPerSecond),
    objectsPerSecond: both(own.objectsPerSecond, lent.objectsPerSecond),
  }
}

/** A console asks every two seconds while its screen of links is open, and a queue may hold millions of keys. */
const backlogsCost = 10

export function createLinkReads(sql: Sql) {
  const backlogs = keepAnswer(() => copyBacklogs(sql), backlogsCost)
  /** `used`: only those with which something goes on, or should. */
  const links = async (used = false): Promise<LinkView[]> =>
    (await listLinks(sql, await backlogs()))
      .filter((link) => !used || isUsed(link) || isUnserved(link))
      .map((link) => ({
        ...link,
        concurrency: concurrencyOf(link),
        windows: windowsOf(link.ends),
        reasons: link.whys.map((why) => reasonOfSource(why, link.from, link.to)),
      }))
  async function factsOfReplicas(ids: readonly string[]): Promise<Map<string, WaitingFacts>> {
    const records = await waitingRecords(sql, ids)
    const rates = await storeRates(sql)
    // Only what is due, or worked on, asks what the link does.
    const busy = records.some(({ dueObjects, workedObjects }) => dueObjects + workedObjects > 0)
    const waiting = busy ? await backlogs() : []
    const found = new Map(busy ? (await listLinks(sql, waiting)).map((link) => [linkId(link), link]) : [])
    return new Map(
      records.map((record) => {
        const others = waiting.filter((other) => linkId(other) === linkId(record) && other.bucketId !== record.bucketId)
        const around = { link: linkOfCopy(record, found), ends: endsOf(rates, record), others }
        return [record.id, factsOf(record, around)]
      }),
    )
  }
  return {
    /** Ids of those that wait longest. */
    async waitingReplicas(first: number): Promise<string[]> {
      requirePageSize(first)
      return waitingReplicaIds(sql, first)
    },
    links,
    /** For each of these copies, in their order: what it waits for. */
    async waitingOfReplicas(ids: readonly string[]): Promise<WaitingView[][]> {
      const facts = await factsOfReplicas(ids)
      return ids.map((id) => {
        const found = facts.get(id)
        const waits = found === undefined ? [] : whyWaiting(found)
        return waits.map(({ why, ...amount }) => ({ ...amount, reason: reasonOfWaiting(why) }))
      })
    },
    /** For each of these copies, in their order: in how many seconds it has about all that it lacks; null: that cannot be told. */
    async etasOfReplicas(ids: readonly string[]): Promise<(number | null)[]> {
      const facts = await factsOfReplicas(ids)
      return ids.map((id) => {
        const found = facts.get(id)
        return found === undefined ? null : aboutWhen(found, isHeldUp(found))
      })
    },
    async lagsOfReplicas(ids: readonly string[]): Promise<LagByAgeView[][]> {
      const lags = await lagsByAge(sql, ids)
      return ids.map((id) => lags.get(id) ?? [])
    },
    async pausesOfBuckets(ids: readonly string[]): Promise<(PauseView | null)[]> {
      const pauses = new Map((await pausesOfBuckets(sql, ids)).map((pause) => [pause.bucketId, pause]))
      return ids.map((id) => pauses.get(id) ?? null)
    },
  }
}
