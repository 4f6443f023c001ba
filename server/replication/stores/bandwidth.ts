// All movers together keep the limit of each cluster (its bandwidth_limit, or what passes outside of its window): each leases a share
// of it, second by second, while bytes go into or out of the cluster's store, and lets no more pass than that. The same look at the
// policies keeps the times in which nothing passes at all.
import { pipeline, type Readable, Transform } from 'node:stream'
import { endShares, leaseShare } from '../../db/copies/bandwidth.ts'
import { keepClosedWindows, type Rates } from '../../db/copies/closed-windows.ts'
import type { Pool } from '../../db/core/pool.ts'
import { startWorkLoop } from '../../work-loop.ts'
import { createTokenBucket, type TokenBucket } from './token-bucket.ts'

/** Limits and shares are looked at so often, and a share that is not renewed ends after so long. */
const lookSeconds = 0.5
const leaseSeconds = 2
/** A mover stops using a share so long (milliseconds, its own clock) before others may have it. */
const marginMs = 500
/** Of a chunk that is larger pieces pass, so that nothing waits for long. */
const pieceBytes = 16_384

export type Bandwidth = {
  /** The policies were looked at: before that nothing is begun. */
  known(): boolean
  /** Null: this store's bytes are not limited. */
  of(storageId: string): Meter | null
  stop(): Promise<void>
}

export type Meter = {
  take(bytes: number, signal?: AbortSignal): Promise<void>
  /** The same bytes, no faster than they may pass. */
  through(body: Readable): Readable
}

type Lane = {
  readonly bucket: TokenBucket
  readonly meter: Meter
  /** 0: there is no lease. */
  leaseEnds: number
  /** Stops what passes when the lease ends, though the database does not answer. */
  ending: NodeJS.Timeout | undefined
  /** For how many looks nothing passed. */
  quiet: number
}

export function createBandwidth(deps: {
  readonly pool: Pool
  readonly owner: string
  /** A window closed or opened, or the policies were looked at for the first time. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}): Bandwidth {
  const { pool, owner } = deps
  let rates: Rates | null = null
  const lanes = new Map<string, Lane>()

  function laneOf(clusterId: string): Lane {
    const known = lanes.get(clusterId)
    if (known !== undefined) return known
    const bucket = createTokenBucket()
    const take = (bytes: number, signal?: AbortSignal) => {
      const passes = bucket.take(bytes, signal)
      if (performance.now() > lane.leaseEnds) loop.wake()
      return passes
    }
    const meter = { take, through: (body: Readable) => slowed(body, take) }
    const lane: Lane = { bucket, meter, leaseEnds: 0, ending: undefined, quiet: 0 }
    lanes.set(clusterId, lane)
    return lane
  }

  async function renew(clusterId: string, lane: Lane, limit: number): Promise<void> {
    const { bytes, waited } = lane.bucket.used()
    lane.quiet = bytes > 0 || waited ? 0 : lane.quiet + 1
    if (lane.quiet > leaseSeconds / lookSeconds) {
      if (lane.leaseEnds === 0) return
      lane.leaseEnds = 0
      lane.bucket.setRate(0)
      return endShares(pool, owner, [clusterId])
    }
    const wanted = waited ? limit : Math.min(limit, (2 * bytes) / lookSeconds)
    const sentAt = performance.now()
    const lease = { owner, seconds: leaseSeconds }
    const granted = await pool.transaction((tx) => leaseShare(tx, lease, { clusterId, limit, wanted }))
    lane.leaseEnds = sentAt + leaseSeconds * 1000 - marginMs
    clearTimeout(lane.ending)
    const left = Math.max(0, lane.leaseEnds - performance.now()) // none where the database took its time
    lane.ending = setTimeout(() => lane.bucket.setRate(0), left)
    lane.bucket.setRate(granted)
  }

  function end(clusterId: string, lane: Lane): void {
    clearTimeout(lane.ending)
    lane.bucket.setRate(Number.MAX_SAFE_INTEGER)
    lanes.delete(clusterId)
  }

  const loop = startWorkLoop({
    idleMs: lookSeconds * 1000,
    onError: deps.onError,
    async step() {
      const kept = await keepClosedWindows(pool)
      const isNews = kept.changed || rates === null
      rates = kept.rates
      if (isNews) deps.onChange()
      const byCluster = new Map([...rates.values()].map(({ clusterId, limit }) => [clusterId, limit]))
      for (const [clusterId, lane] of lanes) {
        const limit = byCluster.get(clusterId) ?? null
        // Who waits for a limit that is no more goes on at once.
        if (limit === null) end(clusterId, lane)
        else await renew(clusterId, lane, limit)
      }
      return lookSeconds
    },
  })

  return {
    known: () => rates !== null,
    of(storageId) {
      const rate = rates?.get(storageId)
      return rate === undefined || rate.limit === null ? null : laneOf(rate.clusterId).meter
    },
    async stop() {
      await loop.stop()
      if (lanes.size > 0) await endShares(pool, owner, [...lanes.keys()]).catch(deps.onError)
      for (const [clusterId, lane] of lanes) end(clusterId, lane)
    },
  }
}

function slowed(body: Readable, take: (bytes: number) => Promise<void>): Readable {
  const slow = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const pass = async () => {
        for (let at = 0; at < chunk.length && !slow.destroyed; at += pieceBytes) {
          const piece = chunk.subarray(at, at + pieceBytes)
          await take(piece.length)
          slow.push(piece)
        }
      }
      pass().then(() => done(), done)
    },
  })
  return pipeline(body, slow, () => undefined)
}
