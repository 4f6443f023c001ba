#!/usr/bin/env node
// Runs server/main.ts on a Node that runs TypeScript: this one where it can, else the one that npm installed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileCache } from '../server/tools/find-tool.mjs'

const root = path.resolve(fileURLToPath(import.meta.url), '../..')
const main = path.join(root, 'server/main.ts')
const installed = path.join(root, 'node_modules/.bin/node')
const compiled = compileCache(process.env)

function runOn(node) {
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit', env })
  // A terminal's Ctrl-C reaches the child too, which tells one wish from two.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`fado: ${node} cannot be run: ${error.message}`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
}

if (Number(process.versions.node.split('.')[0]) >= 24) {
  module.enableCompileCache(compiled)
  await import(main)
} else if (existsSync(installed)) {
  runOn(installed)
} else {
  console.error('fado: Node 24 is needed and npm has not installed it yet: run `npm run setup` once, or use Node 24.')
  process.exit(1)
}
