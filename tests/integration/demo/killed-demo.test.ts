import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../server/process-table.ts'
import { portProblem } from '../../../server/supervise/free-ports.ts'
import { newDemoPlace, runDemoAt } from '../../support/run-demo.ts'

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
