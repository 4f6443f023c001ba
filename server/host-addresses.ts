// How names of hosts become addresses: as the machine does it (getaddrinfo), for which Node has half of its threads. Where no name
// server answers, a question occupies one for ten seconds and more: what probes ask again and again would take all of them for
// good, from other hosts and from PostgreSQL's. (How many there are: main.ts.)
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { limitConcurrency } from './limit-concurrency.ts'

/** All addresses of a host. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>

const slowMs = 1_000

/**
 * A name is asked for once at a time, whoever wants it. Those that were slow the last time are asked for one after the other, so
 * that they leave the other threads to the others.
 */
export function createHostAddresses(
  ask: ResolveHost = (host) => lookup(host, { all: true }),
  slowAfterMs = slowMs,
): ResolveHost {
  const asking = new Map<string, ReturnType<ResolveHost>>()
  const slow = new Set<string>()
  const inTurn = limitConcurrency(1)

  async function timed(host: string): ReturnType<ResolveHost> {
    slow.delete(host)
    const timer = setTimeout(() => slow.add(host), slowAfterMs)
    try {
      return await ask(host)
    } finally {
      clearTimeout(timer)
    }
  }

  return (host) => {
    const known = asking.get(host)
    if (known !== undefined) return known
    const answer = (slow.has(host) ? inTurn(() => timed(host)) : timed(host)).finally(() => asking.delete(host))
    asking.set(host, answer)
    return answer
  }
}

export const addressesOfHost = createHostAddresses()

/** The same as connections ask for it. */
export const lookupBy =
  (resolve: ResolveHost): LookupFunction =>
  (host, { all }, done) => {
    resolve(host).then(
      (found) => {
        const [first] = found
        if (first === undefined) done(Object.assign(new Error('its host has no address'), { code: 'ENOTFOUND' }), '')
        else if (all) done(null, [...found])
        else done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    )
  }
export const lookupHost = lookupBy(addressesOfHost)
