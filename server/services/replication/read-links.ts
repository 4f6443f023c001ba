// Links, and what copies wait for.
import { endsOf, type LinkRecord, linkBacklogs, linkId, listLinks } from '../../db/catalogue/links.ts'
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
import type { Reason } from '../../domain/reason.ts'
import { reasonOfSource } from '../../domain/replica/say-source.ts'
import { reasonOfWaiting, windowWords } from '../../domain/waiting/say-waiting.ts'
import { type Amount, type LinkFacts, nothing, whyWaiting } from '../../domain/waiting/why-waiting.ts'
import { keepAnswer } from '../shared/keep-answer.ts'
import { requirePageSize } from '../shared/paging.ts'

export type LinkView = LinkRecord & { readonly reasons: readonly Reason[]; readonly windows: readonly WindowView[] }
/** Of a cluster at one of its ends; `message` tells it to people. */
export type WindowView = WindowNow & { readonly cluster: string; readonly message: string }
export type PauseView = Pause
export type LagByAgeView = LagByAge
export type WaitingView = Amount & { readonly reason: Reason; readonly etaSeconds: number | null }

const windowsOf = (ends: readonly StoreRate[]): WindowView[] =>
  ends.flatMap(({ cluster, window, at }) =>
    window === null ? [] : [{ ...window, cluster, message: windowWords({ ...window, cluster, at }) }],
  )

const idle: LinkFacts = { moving: 0, bytesPerSecond: null, waiting: nothing, limit: null }

/** `ends`: what policies of both clusters say, of the link from its master. */
function waitingOf(record: WaitingRecord, link: LinkFacts, ends: readonly StoreRate[]): WaitingView[] {
  const { masterObjects, masterBytes } = record
  const waits = whyWaiting({
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
    link,
    closed: ends.flatMap(({ cluster, window, closed, at }) =>
      window === null || closed === null || closed.from !== null ? [] : [{ cluster, ...window, at }],
    ),
  })
  return waits.map(({ why, ...amount }) => ({ ...amount, reason: reasonOfWaiting(why) }))
}

/** The link from its master, with what comes over that of the copy which lends to it. */
function linkOfCopy(record: WaitingRecord, links: ReadonlyMap<string, LinkFacts>): LinkFacts {
  const own = links.get(linkId(record)) ?? idle
  const { sourceStorageId: fromStorageId, toStorageId } = record
  if (fromStorageId === null || fromStorageId === record.fromStorageId) return own
  const { moving, bytesPerSecond } = links.get(linkId({ fromStorageId, toStorageId })) ?? idle
  const sum = (own.bytesPerSecond ?? 0) + (bytesPerSecond ?? 0)
  return { ...own, moving: own.moving + moving, bytesPerSecond: sum === 0 ? null : sum }
}

/** A console asks every two seconds while its screen of links is open, and a queue may hold millions of keys. */
const backlogsCost = 10

export function createLinkReads(sql: Sql) {
  const backlogs = keepAnswer(() => linkBacklogs(sql), backlogsCost)
  const links = async (): Promise<LinkView[]> =>
    (await listLinks(sql, await backlogs())).map((link) => ({
      ...link,
      windows: windowsOf(link.ends),
      reasons: link.whys.map((why) => reasonOfSource(why, link.from, link.to)),
    }))
  return {
    /** Ids of those that wait longest. */
    async waitingReplicas(first: number): Promise<string[]> {
      requirePageSize(first)
      return waitingReplicaIds(sql, first)
    },
    links,
    /** For each of these copies, in their order: what it waits for. */
    async waitingOfReplicas(ids: readonly string[]): Promise<WaitingView[][]> {
      const records = new Map((await waitingRecords(sql, ids)).map((record) => [record.id, record]))
      // Only what is due asks what the link does.
      const busy = [...records.values()].some(({ dueObjects }) => dueObjects > 0)
      const rates = await storeRates(sql)
      const found = new Map(busy ? (await links()).map((link) => [linkId(link), link]) : [])
      return ids.map((id) => {
        const record = records.get(id)
        return record === undefined ? [] : waitingOf(record, linkOfCopy(record, found), endsOf(rates, record))
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
