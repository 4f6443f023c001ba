// How one stream's Envoy is told whether to tell of all its calls.
import { expect, test } from 'vitest'
import { createResourceCache } from '../../../proxy/resource-cache.ts'
import { runtimeLayer } from '../../../proxy/resources/runtime.ts'
import { createRollout, type Output } from '../../../proxy/rollout.ts'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const [many, few] = [10_000, 1]

function start() {
  const model = createRoutingModel({ retireMs: 0, leaseMs: 0 })
  const cache = createResourceCache({ model, ingress: { address: '127.0.0.1', port: 1 }, trustedCa: '' })
  const rollout = createRollout({ model, cache })
  rollout.ready(0)
  const said = (outputs: readonly Output[]) =>
    outputs.map((output) => [output.streamId, output.kind === 'send' && output.response.resources.get(runtimeLayer)])
  return {
    rollout,
    said,
    /** `had`: from an earlier stream. */
    ask(streamId: string, had?: string) {
      const initialVersions = new Map(had === undefined ? [] : [[runtimeLayer, had]])
      return said(rollout.receive(streamId, deltaRequest('runtime', { subscribe: [runtimeLayer], initialVersions }), 0))
    },
    ack: (streamId: string, nonce: string) => rollout.receive(streamId, deltaRequest('runtime', { nonce }), 0),
  }
}

test('only the Envoy with many calls is told to tell of a sample, and only once', () => {
  const { rollout, said, ask, ack } = start()
  for (const name of ['busy', 'quiet', 'older']) rollout.open(name, 0)
  expect([ask('busy'), ask('quiet')]).toEqual([[['busy', 'all']], [['quiet', 'all']]])
  for (const name of ['busy', 'quiet']) ack(name, 'runtime-1')
  expect(said(rollout.paced('quiet', few, 0))).toEqual([])
  expect(said(rollout.paced('busy', many, 0))).toEqual([['busy', 'sampled']])
  ack('busy', 'runtime-2')
  expect(said(rollout.paced('busy', many, 0))).toEqual([])
  expect(said(rollout.paced('older', many, 0)), 'it never asked').toEqual([])
  expect(said(rollout.paced('busy', few, 0))).toEqual([['busy', 'all']])
})

test('one that returns under load goes on as it did, until it has few calls', () => {
  const { rollout, said, ask } = start()
  rollout.open('busy', 0)
  expect(ask('busy', 'sampled')).toEqual([])
  expect(said(rollout.paced('busy', many, 0))).toEqual([])
  expect(said(rollout.paced('busy', few, 0))).toEqual([['busy', 'all']])
  rollout.open('strange', 0)
  expect(ask('strange', 'other')).toEqual([['strange', 'all']])
})
