import { expect, test } from 'vitest'
import type { Pool } from '../../../../server/db/core/pool.ts'
import type { Log } from '../../../../server/log.ts'
import { afterFailure, StoreBroke } from '../../../../server/replication/after-failure.ts'
import { Interrupted } from '../../../../server/replication/interrupted.ts'
import { defaultTimes } from '../../../../server/replication/settings.ts'
import type { Stores } from '../../../../server/replication/stores/stores.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'

const fromDatabase = new Error('the connection is gone')
const fromBroken = new StorageError('unreachable', 'refused')
const ofItsOwn = new StorageError('quota', 'full')
const trouble = { kind: 'store', store: 'edge', problem: 'unreachable' } as const
const failure = { store: 'edge', error: 'quota', detail: 'full' }
const waits = { broken: 1_000, first: 400 }

function after(error: unknown, { attempts = 0, abortedBy }: { attempts?: number; abortedBy?: Interrupted } = {}) {
  const logged: string[] = []
  const log = { warn: () => logged.push('warn'), error: () => logged.push('error') } as unknown as Log
  const pool = { isOutage: (one: unknown) => one === fromDatabase } as Pool
  const stores = {
    isOutage: async (one) => one === fromBroken,
    troubleOf: (one) => (one === fromBroken ? trouble : null),
    failureOf: () => failure,
  } as Partial<Stores> as Stores
  const signal = abortedBy === undefined ? new AbortController().signal : AbortSignal.abort(abortedBy)
  const run = { claim: { bucketId: 'b', attempts }, signal }
  const went = afterFailure({ pool, log, stores, times: defaultTimes }, run, error, waits)
  return went.then((found) => ({ ...found, logged }))
}
const blameless = { failure: null, trouble: null, logged: [] }

test('what was ended from outside goes on at once, or when a decision may allow it again, whatever its requests failed of', async () => {
  expect(await after(new Interrupted('lease'))).toEqual({ ...blameless, waitMs: 0 })
  expect(await after(ofItsOwn, { abortedBy: new Interrupted('stopping') })).toEqual({ ...blameless, waitMs: 0 })
  const notAllowed = { ...blameless, waitMs: defaultTimes.guard }
  expect(await after(fromBroken, { abortedBy: new Interrupted('not-allowed') })).toEqual(notAllowed)
})

test('that the database or a whole store is away is not the fault of the work', async () => {
  expect(await after(fromDatabase)).toEqual({ ...blameless, waitMs: defaultTimes.idle, logged: ['warn'] })
  expect(await after(fromBroken, { attempts: 9 })).toEqual({ ...blameless, waitMs: waits.broken, trouble })
  expect(await after(new StoreBroke(), { attempts: 9 })).toEqual({ ...blameless, waitMs: waits.broken })
})

test('what fails of its own waits longer each time, and a fault of FaDO itself is logged', async () => {
  for (const [attempts, most] of [
    [0, 400],
    [3, 3_200],
    [50, defaultTimes.maxBackoff],
  ] as const) {
    const { waitMs, ...found } = await after(ofItsOwn, { attempts })
    expect(found).toEqual({ ...blameless, failure })
    expect(waitMs).toBeGreaterThanOrEqual(most / 2)
    expect(waitMs).toBeLessThanOrEqual(most)
  }
  expect((await after(new TypeError('x'))).logged).toEqual(['error'])
})
