// Claims dirty keys as there is room and has them worked on, each under its lease.
import { type ClaimedObject, claimObjects, nextDueObject, renewObjects } from '../../db/copies/object-claims.ts'
import type { Wakeups } from '../../db/core/notify.ts'
import { startWorkLoop, type WorkLoop } from '../../work-loop.ts'
import { Interrupted } from '../interrupted.ts'
import { createLinks, type MoverLink } from '../links/links.ts'
import type { LinksServed } from '../links/served-links.ts'
import { type Moment, thisMoment } from '../moment.ts'
import type { Bandwidth } from '../stores/bandwidth.ts'
import { type ClaimDeps, type ClaimedKey, idOfKey } from './claimed-key.ts'
import { createLeases } from './leases.ts'
import { createPairScan } from './pair-scan.ts'
import { planClaims } from './plan-claims.ts'
import { createClaimWork } from './work-on-claims.ts'

/** Between two pages of which nothing could be claimed: a later page may have keys that can be. */
const nextPageSeconds = 0.02

export type KeyLoop = { stop(): Promise<void> }

export function startKeyLoop(
  deps: Omit<ClaimDeps, 'wake'> & {
    readonly wakeups: Pick<Wakeups, 'on'>
    readonly served: LinksServed
    readonly bandwidth: Pick<Bandwidth, 'known'>
  },
): KeyLoop {
  const { pool, log, owner, limits, times, stores, bandwidth, served } = deps
  const seconds = times.lease / 1000
  const leases = createLeases<ClaimedObject>({
    times,
    onError: (error) => log.warn({ err: error }, 'leases of keys could not be prolonged'),
    async renew(rows) {
      const still = new Set((await renewObjects(pool, { owner, seconds }, rows)).map(idOfKey))
      return (row) => (still.has(idOfKey(row)) ? 'held' : new Interrupted('lease'))
    },
  })
  const pickIdOf = (of: { bucketId: string; storageId: string; bulk: boolean }) =>
    `${of.bucketId} ${of.storageId} ${of.bulk}`
  const wake = () => loop.wake()
  const links = createLinks({ ...deps, wake })
  const work = createClaimWork({ ...deps, wake })
  const scan = createPairScan(times.young / 1000)
  let stopping = false
  let turn = 0

  function hold(claim: ClaimedObject, link: MoverLink, sentAt: Moment): ClaimedKey {
    const lease = leases.hold(claim, sentAt)
    return { claim, lease, place: link.hold(claim, lease.signal), ended: Promise.withResolvers() }
  }
  const loop: WorkLoop = startWorkLoop({
    idleMs: times.idle,
    onError: (error) => log.warn({ err: error }, 'dirty keys could not be claimed'),
    async step() {
      if (stopping || !bandwidth.known()) return undefined
      const { pairs: all, more } = await scan(pool)
      const pairs = all.filter(served.serves)
      const room = { limits, atOnce: links.limitOf, held: links.held(), broken: stores.broken(), turn: turn++ }
      const { picks, tried } = planClaims(pairs, room)
      stores.tried(tried)
      stores.askUntried()
      const sentAt = thisMoment()
      const lease = { owner, seconds, lookAgainSeconds: times.lateWrite / 1000, youngSeconds: times.young / 1000 }
      const claims = await claimObjects(pool, lease, picks)
      const ofPick = Map.groupBy(claims, pickIdOf)
      for (const pick of picks) {
        const { pair, masterAway } = pick
        const mine = ofPick.get(pickIdOf(pick))
        if (mine === undefined) continue
        const link = links.of(pair)
        const keys = mine.map((claim) => hold(claim, link, sentAt))
        work.start(keys, { link, others: pair.others.length > 0, masterAway })
      }
      if (more) return claims.length > 0 ? 0 : nextPageSeconds
      return nextDueObject(pool)
    },
  })
  const offs = (['object', 'task'] as const).map((topic) => deps.wakeups.on(topic, wake))

  return {
    async stop() {
      for (const off of offs) off()
      stopping = true
      await loop.stop()
      const timer = setTimeout(() => leases.abortAll(new Interrupted('stopping')), times.stop)
      await work.settled()
      clearTimeout(timer)
      leases.stop()
      await links.stop()
    },
  }
}
