import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../server/process-table.ts'
import { portProblem } from '../../../server/supervise/free-ports.ts'
import { checkDemoAt, newDemoPlace, runDemoAt } from '../../support/run-demo.ts'

test('after a demo was killed the next one starts in its place, and nothing of the first is left', async () => {
  const place = await newDemoPlace()
  const killed = await runDemoAt(place, '--empty')
  onTestFinished(() => killed.stop().then(() => undefined))
  const { pids, stores, functions } = killed.read()
  const old = [...Object.values(pids), ...[...stores, ...functions].map(({ pid }) => pid)]
  await killed.kill()

  const next = await runDemoAt(place, '--empty')
  onTestFinished(() => next.stop().then(() => undefined))
  expect(await Promise.all(old.map(startOf))).toEqual(old.map(() => undefined))
  expect(next.read().stores.map(({ endpoint }) => endpoint)).toEqual(stores.map(({ endpoint }) => endpoint))
  expect(await next.stop()).toBe(0)
  expect(await portProblem('127.0.0.1', place.portBase)).toBeUndefined()
}, 120_000)

test('a check calls every bucket, says so, leaves nothing running, and --empty then forgets its fleet', async () => {
  const place = await newDemoPlace()
  const { code, output } = await checkDemoAt(place)
  expect(output.trim().split('\n').slice(-5)).toEqual([
    expect.stringMatching(/^factory-handbook +served by (cloud|edge) +of cloud, edge$/),
    expect.stringMatching(/^model-weights +served by hpc +of hpc$/),
    expect.stringMatching(/^patient-scans +served by (edge|hpc) +of edge, hpc$/),
    expect.stringMatching(/^sensor-readings +served by \w+ +of cloud, edge, hpc$/),
    '4 of 4 buckets served.',
  ])
  expect(code).toBe(0)
  expect(await portProblem('127.0.0.1', place.portBase)).toBeUndefined()
  const empty = await runDemoAt(place, '--empty')
  onTestFinished(() => empty.stop().then(() => undefined))
  expect(empty.output()).toContain('the fleet of the last run is forgotten, with the objects in its stores')
}, 120_000)
