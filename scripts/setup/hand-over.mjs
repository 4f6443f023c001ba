// @ts-check
// Runs the program itself on the right Node and becomes invisible: its signals, its exit code.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import path from 'node:path'
import { compileCache } from '../../server/tools/find-tool.mjs'
import { root } from './run.mjs'

const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Never returns: the process ends as the program does.
 * @param {string} node
 * @param {readonly string[]} args
 */
export function handOver(node, args) {
  const bin = path.join(root, 'node_modules/.bin')
  const env = {
    NODE_COMPILE_CACHE: compileCache(process.env),
    ...process.env,
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
  }
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env })
  // A terminal's Ctrl-C reaches the program too; a second one must not hurt it.
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`${node} cannot be run: ${error.message}`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
}
