import type { Client, Event } from 'graphql-ws'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLink } from '../../../app/_lib/link.ts'
import { createServerClock } from '../../../app/_lib/server-clock.ts'
import { pingInterval, watchLink } from '../../../app/_lib/watch-link.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A socket that does nothing, and what happens to it. */
function watched() {
  const listeners = new Map<string, ((...args: unknown[]) => void)[]>()
  const terminate = vi.fn()
  const socket = {
    terminate,
    on: (event: Event, listener: (...args: unknown[]) => void) => {
      listeners.set(event, [...(listeners.get(event) ?? []), listener])
      return () => void listeners.delete(event)
    },
  } as unknown as Client
  const happens = (event: Event, ...args: unknown[]) => {
    for (const listener of listeners.get(event) ?? []) listener(...args)
  }
  let reachable = true
  const network = Object.assign(new EventTarget(), { online: () => reachable })
  const clock = createServerClock()
  const link = createLink(clock.now)
  const end = watchLink({ socket, link, clock, network })
  /** The browser's own event. */
  const browser = (online: boolean) => {
    reachable = online
    network.dispatchEvent(new globalThis.Event(online ? 'online' : 'offline'))
  }
  return { happens, terminate, clock, link, browser, end, listeners }
}

test('a socket that is silent is known to be dead 5 s after its last answer, and FaDO is named', () => {
  const { happens, terminate, link } = watched()
  happens('pong', true, undefined)
  vi.advanceTimersByTime(pingInterval)
  happens('ping', false, undefined)
  vi.advanceTimersByTime(5_000 - pingInterval)
  expect(link.get()).toMatchObject({ live: false, to: 'fado' })
  expect(terminate).toHaveBeenCalledOnce()
})

test('one that answers in time lives on', () => {
  const { happens, terminate, link } = watched()
  for (let i = 0; i < 10; i++) {
    happens('ping', false, undefined)
    vi.advanceTimersByTime(2_000)
    happens('pong', true, undefined)
    vi.advanceTimersByTime(pingInterval)
  }
  expect(link.get()).toEqual({ live: true })
  expect(terminate).not.toHaveBeenCalled()
})

test('a browser that is offline says so at once and blames itself; back online it waits for FaDO', () => {
  const { link, browser, happens } = watched()
  browser(false)
  const lost = link.get()
  expect(lost).toMatchObject({ live: false, to: 'network' })
  browser(true)
  expect(link.get()).toEqual({ ...lost, to: 'fado' })
  happens('pong', true, undefined)
  expect(link.get()).toEqual({ live: true })
  browser(true)
  expect(link.get()).toEqual({ live: true })
})

test('a pong tells the server’s time, in a page that is open for days', () => {
  const { happens, clock } = watched()
  const server = Date.now() + 3_600_000
  happens('ping', false, undefined)
  happens('pong', true, { now: server })
  expect(clock.now().getTime()).toBe(server)
  vi.setSystemTime(Date.now() + 86_400_000) // the reader sets the clock
  happens('ping', false, undefined)
  happens('pong', true, { now: server + 2_000 })
  expect(clock.now().getTime()).toBe(server + 2_000)
  happens('pong', true, undefined) // the one that the protocol asks for
  expect(clock.now().getTime()).toBe(server + 2_000)
})

test('a FaDO that answers, and cannot use its database, is no live page; once it can all is asked for anew', () => {
  const { happens, link, terminate } = watched()
  happens('pong', true, { now: 1, away: true })
  happens('pong', true, undefined) // the one that the protocol asks for
  expect(link.get()).toMatchObject({ live: false, to: 'database' })
  expect(terminate).not.toHaveBeenCalled()
  happens('pong', true, { now: 2_000 })
  expect(terminate).toHaveBeenCalledOnce()
  expect(link.get()).toMatchObject({ live: false })
  happens('closed')
  happens('pong', true, { now: 2_100 })
  expect(link.get()).toEqual({ live: true })
  happens('pong', true, { now: 4_000, away: true })
  happens('closed')
  happens('pong', true, { now: 4_100 }) // of another control plane
  expect(link.get()).toEqual({ live: true })
  expect(terminate).toHaveBeenCalledOnce()
})

test('after its end nothing is listened to, and no timer runs', () => {
  const { happens, link, browser, end, listeners } = watched()
  happens('ping', false, undefined)
  end()
  browser(false)
  expect(listeners.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  expect(link.get()).toEqual({ live: true })
})
