import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../server/process-table.ts'
import { portProblem } from '../../server/supervise/free-ports.ts'
import { type DemoFile, runDemo } from '../support/run-demo.ts'

const run = promisify(execFile)
const e1 = path.resolve(import.meta.dirname, '../contract/e1.mjs')

const processesOf = ({ pids, stores, functions }: DemoFile) => [
  ...Object.values(pids),
  ...[...stores, ...functions].map(({ pid }) => pid),
]
const portsOf = ({ graphql, ingress, envoyAdmin, stores, functions }: DemoFile) =>
  [graphql, ingress, envoyAdmin, ...stores.map(({ endpoint }) => endpoint), ...functions.map(({ url }) => url)].map(
    (url) => Number(new URL(url).port),
  )

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1)

/** Its last line; where it fails that says why. */
async function lastLineOf(program: string, ...args: readonly string[]): Promise<string | undefined> {
  const { stdout } = await run(process.execPath, [program, ...args]).catch((failed: Error & { stdout?: string }) => {
    throw new Error(lastLine(failed.stdout ?? '') || failed.message)
  })
  return lastLine(stdout)
}

test("the paper's first scenario passes on an empty demo, of which nothing is left after Ctrl-C", async () => {
  const demo = await runDemo('--empty')
  onTestFinished(() => demo.stop().then(() => undefined))
  expect(await lastLineOf(e1, demo.file)).toContain('none failed')

  const facts = demo.read()
  const started = await Promise.all(processesOf(facts).map(startOf))
  expect(started).not.toContain(undefined)
  const begun = performance.now()
  expect(await demo.stop()).toBe(0)
  expect(performance.now() - begun).toBeLessThan(10_000)
  expect(await Promise.all(processesOf(facts).map(startOf))).toEqual(started.map(() => undefined))
  expect(await Promise.all(portsOf(facts).map((port) => portProblem('127.0.0.1', port)))).toEqual(
    portsOf(facts).map(() => undefined),
  )
  await expect(access(demo.file)).rejects.toThrow('ENOENT')
}, 300_000)
