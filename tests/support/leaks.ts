// A test file must close what it opened: sockets, servers and child processes that are left fail it.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, expect } from 'vitest'

const kinds = new Set(['TCPSocketWrap', 'TCPServerWrap', 'UDPWrap', 'ProcessWrap', 'FSEventWrap'])
const held = () => process.getActiveResourcesInfo().filter((kind) => kinds.has(kind))

/** Closing is not done when close() returns. */
const settleMs = 2_000
const before = held().length

afterAll(async () => {
  for (const end = performance.now() + settleMs; held().length > before && performance.now() < end; ) await delay(20)
  expect(held().slice(before), 'handles that this file left open').toEqual([])
})
