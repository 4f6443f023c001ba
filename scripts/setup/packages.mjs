// @ts-check
// The npm packages of the lock file, and the Node that runs FaDO.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { RunError, root, run, SetupError, step } from './run.mjs'

/**
 * @typedef {{ version?: string, optional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/** @param {string} file @returns {Lock | undefined} */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Whether what npm last installed is what the lock says. Optional packages may be absent: they are other platforms'.
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json, which npm writes last
 */
export function isInstalled(wanted, installed) {
  if (installed === undefined) return false
  return Object.entries(wanted.packages).every(([name, { version, optional }]) => {
    const found = installed.packages[name]
    return name === '' || (found === undefined ? optional === true : found.version === version)
  })
}

export function packagesAreInstalled() {
  const wanted = readLock('package-lock.json')
  if (wanted === undefined) throw new SetupError('package-lock.json is missing or broken: restore it from git.')
  return isInstalled(wanted, readLock('node_modules/.package-lock.json'))
}

/** @param {readonly string[]} args */
function npm(...args) {
  // Under npm its own program is run again: another one in PATH may be older. Production would leave out what builds us.
  const under = process.env['npm_execpath']
  const [command, before] = under?.endsWith('.js') ? [process.execPath, [under]] : ['npm', []]
  return run(command, [...before, ...args, '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'], {
    NODE_ENV: undefined,
    npm_config_omit: undefined,
  })
}

export async function installPackages() {
  await step('npm packages', '40 s', async () => {
    try {
      await npm('ci')
    } catch (error) {
      // A registry that lacks another platform's builds lets `npm ci` call the lock incomplete; `install` does not mind.
      if (!(error instanceof RunError) || !error.output.includes('EUSAGE')) throw error
      await npm('install', '--no-save')
    }
  })
}

const neededMajor = 24

/** The Node that runs TypeScript: from npm where it has one for this platform, else this process's own. */
export function findNode() {
  const installed = path.join(root, 'node_modules/.bin/node')
  if (existsSync(installed)) return installed
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  throw new SetupError(
    `Node ${neededMajor} or newer is needed on ${process.platform}-${process.arch} (this is ${process.version}): install it and start again.`,
  )
}
