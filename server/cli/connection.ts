// Which FaDO a command speaks to, and with which token: what is given, else the demo of this checkout, else its server.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { type Config, urlOf } from '../config.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { leftAddress } from './server-file.ts'

export type Target = { readonly url: string; readonly token: string }
export type Given = { readonly server?: string | undefined; readonly token?: string | undefined }

const running = z.object({ graphql: z.string(), token: z.string() })

/** What a demo that runs tells about itself; undefined when none does. */
async function demoOf(stateDir: string): Promise<Target | undefined> {
  const text = await readFile(path.join(stateDir, 'demo.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { graphql: url, token } = running.parse(JSON.parse(text))
  return { url, token }
}

/** The token that the server of this state directory made at its first start. */
const tokenOf = (stateDir: string): Promise<string | undefined> =>
  readFile(path.join(stateDir, 'token'), 'utf8').then(
    (text) => text.trim() || undefined,
    () => undefined,
  )

function endpoint(server: string): string {
  const url = URL.parse(server)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandFailure(exitCodes.usage, `--server (FADO_URL) must be an address such as http://127.0.0.1:8080`)
  }
  if (url.pathname === '/') url.pathname = '/graphql'
  return url.href
}

const noToken = (url: string) =>
  new CommandFailure(exitCodes.unreachable, `There is no token for ${url}: give one with --token or FADO_TOKEN`)

const loopback = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'])
/** Of loopback all names are one. */
function placeOf(url: string): string | undefined {
  const { protocol, hostname, port } = URL.parse(url) ?? {}
  return hostname === undefined ? undefined : `${protocol}//${loopback.has(hostname) ? 'here' : hostname}:${port}`
}

/** Whether a FaDO that is named is the one that would be found without a name, or is served by this machine's settings. */
export async function isOfMachine(
  server: string,
  config: Pick<Config, 'stateDir' | 'http' | 'consoleUrl'>,
): Promise<boolean> {
  const found = await findTarget({ token: 'any' }, config)
  const own = [found.url, config.consoleUrl, urlOf(config.http.address, config.http.port)]
  return own.some((url) => placeOf(url) === placeOf(server))
}

/** `given.server` and `given.token` are the options or FADO_URL and FADO_TOKEN. A token of ours never goes to another server. */
export async function findTarget(given: Given, config: Pick<Config, 'stateDir' | 'http'>): Promise<Target> {
  if (given.server !== undefined) {
    const url = endpoint(given.server)
    if (given.token === undefined) throw noToken(url)
    return { url, token: given.token }
  }
  const demo = await demoOf(config.stateDir)
  if (demo !== undefined) return { url: demo.url, token: given.token ?? demo.token }
  const left = await leftAddress(config.stateDir)
  const url = left ?? `http://127.0.0.1:${config.http.port}/graphql`
  const token = given.token ?? (await tokenOf(config.stateDir))
  if (token !== undefined) return { url, token }
  if (left !== undefined) throw noToken(left)
  throw new CommandFailure(
    exitCodes.unreachable,
    `No FaDO runs from ${config.stateDir}: start one with npm run demo or npm start, or name one with --server and --token`,
  )
}
