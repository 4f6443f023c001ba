import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../server/process-table.ts'
import { portProblem } from '../../server/supervise/free-ports.ts'
import { checkDemoAt, newDemoPlace, runDemoAt } from '../support/run-demo.ts'

test('after a demo was killed a check in its place leaves nothing of it, calls every bucket and says so; --empty then forgets', async () => {
  const place = await newDemoPlace()
  const killed = await runDemoAt(place, '--empty')
  onTestFinished(() => killed.stop().then(() => undefined))
  const { pids, stores, functions } = killed.read()
  const old = [...Object.values(pids), ...[...stores, ...functions].map(({ pid }) => pid)]
  await killed.kill()

  const { code, output } = await checkDemoAt(place)
  expect(await Promise.all(old.map(startOf))).toEqual(old.map(() => undefined))
  expect(output.trim().split('\n').slice(-5)).toEqual([
    expect.stringMatching(/^factory-handbook +served by (cloud|edge) +of cloud, edge$/),
    expect.stringMatching(/^model-weights +served by hpc +of hpc$/),
    expect.stringMatching(/^patient-scans +served by (edge|hpc) +of edge, hpc$/),
    expect.stringMatching(/^sensor-readings +served by \w+ +of cloud, edge, hpc$/),
    '4 of 4 buckets served.',
  ])
  expect(code).toBe(0)
  expect(await portProblem('127.0.0.1', place.portBase)).toBeUndefined()

  const next = await runDemoAt(place, '--empty')
  onTestFinished(() => next.stop().then(() => undefined))
  expect(next.output()).toContain('forgetting the fleet of the last run, with the objects in its stores')
  expect(next.read().stores.map(({ endpoint }) => endpoint)).toEqual(stores.map(({ endpoint }) => endpoint))
  expect(await next.stop()).toBe(0)
  expect(await portProblem('127.0.0.1', place.portBase)).toBeUndefined()
}, 300_000)
