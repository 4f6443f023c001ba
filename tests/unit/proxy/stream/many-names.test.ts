// A client may ask for any names, and as many as it likes: that costs the others nothing.
import { expect, test } from 'vitest'
import { createRollout } from '../../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../../proxy/routing-model.ts'
import { createDeltaStream } from '../../../../proxy/stream/delta-stream.ts'
import { type ResourceType, resourceTypes } from '../../../../proxy/type-urls.ts'
import { deltaRequest as request } from '../../../support/delta-request.ts'

/** Microseconds of CPU that the last hundred requests take, each for a name of its own, after `before` others. */
function cost(type: ResourceType, before: number): number {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const rollout = createRollout({ model, cache: { version: () => undefined } })
  rollout.ready(0)
  rollout.open('s', 0)
  const ask = (i: number) => {
    const name = type === 'endpoints' ? `fado/random/plain/${i}` : `table/${i}`
    rollout.receive('s', request(type, { subscribe: [name] }), 0)
    rollout.nextTick(0)
  }
  for (let i = 0; i < before; i++) ask(i)
  const { user } = process.cpuUsage()
  for (let i = 0; i < 100; i++) ask(before + i)
  return process.cpuUsage().user - user
}

test.for(resourceTypes)('a request for %s costs the same, however many its stream has made before', (type) => {
  const least = (before: number) => Math.min(...Array.from({ length: 5 }, () => cost(type, before)))
  least(100)
  expect(least(5_000)).toBeLessThan(least(100) * 4 + 1_000)
})

test('a stream that asks for more than a million names is refused', () => {
  const stream = createDeltaStream()
  const names = Array.from({ length: 1_000_000 }, (_, i) => `table/${i}`)
  stream.receive(request('table', { subscribe: names }))
  expect(() => stream.receive(request('table', { subscribe: ['table/one-more'] }))).toThrow('1000000 names')
})
