import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'

const file = path.resolve(import.meta.dirname, '../../../server/cli/stop-signals.ts')
const script = `
const { watchStopSignals } = await import(${JSON.stringify(file)})
const { stop, force } = watchStopSignals()
stop.addEventListener('abort', () => console.log('stop'))
force.addEventListener('abort', () => console.log('force'))
setInterval(() => {}, 1000)
console.log('up')`

/** A program that tells each wish to stop that it understood. */
async function listener(stdio: 'ipc' | 'ignore' = 'ignore') {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', stdio],
  })
  const gone = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const lines = child.stdout === null ? undefined : createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async () => (await lines?.next())?.value
  expect(await next()).toBe('up')
  return { child, next }
}

test('one Ctrl-C that arrives twice, from the terminal and from npm, is one wish', async () => {
  const { child, next } = await listener()
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(await next()).toBe('stop')
  await delay(1_100) // longer than two arrivals of one Ctrl-C can be apart
  child.kill('SIGINT')
  expect(await next()).toBe('force')
})

test('the end of the process that started it is a wish to stop', async () => {
  const { child, next } = await listener('ipc')
  child.disconnect()
  expect(await next()).toBe('stop')
})
