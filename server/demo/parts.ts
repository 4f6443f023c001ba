// How each part of the demo is started.

import path from 'node:path'
import { envoyArguments } from '../../proxy/bootstrap.ts'
import { fadoCommand } from '../supervise/fado-command.ts'
import { launchProcess, type ProcessOptions } from '../supervise/launch-process.ts'
import { type LogFile, openLogFile } from '../supervise/log-file.ts'
import type { Part } from '../supervise/part.ts'
import { pidDirIn } from '../supervise/pid-files.ts'
import { at } from './addresses.ts'
import type { ClusterName } from './demo-ports.ts'
import { functionsPart, storePart } from './part-names.ts'

export type DemoStoreKeys = { readonly accessKey: string; readonly secretKey: string }
export type Environment = Readonly<Record<string, string | undefined>>

/** Above PostgreSQL, which is floor 0. */
const floors = { stores: 1, functions: 1, fado: 2, envoy: 3 }

const main = path.resolve(import.meta.dirname, '../main.ts')

const answers = (url: string) => async (signal: AbortSignal) => {
  const response = await fetch(url, { signal })
  await response.body?.cancel()
  return response.ok
}

type DemoProcess = Omit<ProcessOptions, 'log' | 'pidDir'> & { readonly stateDir: string }

/** What each part of the demo says. */
export const logDirIn = (stateDir: string): string => path.join(stateDir, 'logs')
export const logIn = (stateDir: string, name: string) => (): LogFile =>
  openLogFile(path.join(logDirIn(stateDir), `${name}.log`))

const part = (floor: number, { stateDir, ...options }: DemoProcess): Part => ({
  name: options.name,
  floor,
  launch: (signal) =>
    launchProcess({ ...options, log: logIn(stateDir, options.name), pidDir: pidDirIn(stateDir) }, signal),
})

export type FadoPartOptions = {
  readonly role: 'control' | 'mover'
  readonly stateDir: string
  readonly env: Environment
}

/** The control plane is `server`, the mover `mover`; each is a process of this program. */
export const fadoPart = ({ role, stateDir, env }: FadoPartOptions): Part =>
  part(floors.fado, {
    name: role === 'control' ? 'server' : 'mover',
    ...fadoCommand(role),
    env,
    stateDir,
    ready: 'message',
  })

export type StorePartOptions = {
  readonly cluster: ClusterName
  readonly minio: string
  readonly port: number
  readonly dir: string
  readonly credentials: DemoStoreKeys
  readonly webhook: { readonly url: string; readonly token: string }
  readonly stateDir: string
}

export const minioPart = ({ cluster, minio, port, dir, credentials, webhook, stateDir }: StorePartOptions): Part =>
  part(floors.stores, {
    name: storePart(cluster),
    command: minio,
    args: ['server', '--quiet', '--address', `127.0.0.1:${port}`, dir],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: path.dirname(dir), // certificates in the home of the user would switch TLS on
      MINIO_ROOT_USER: credentials.accessKey,
      MINIO_ROOT_PASSWORD: credentials.secretKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_NOTIFY_WEBHOOK_ENABLE_FADO: 'on',
      MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO: webhook.url,
      MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO: webhook.token,
    },
    stateDir,
    ready: answers(`${at(port)}/minio/health/ready`),
  })

export type FunctionsPartOptions = {
  readonly cluster: ClusterName
  readonly port: number
  readonly store: string
  readonly credentials: DemoStoreKeys
  readonly stateDir: string
  readonly env: Environment
}

export const functionServerPart = (options: FunctionsPartOptions): Part =>
  part(floors.functions, {
    name: functionsPart(options.cluster),
    command: process.execPath,
    args: [
      main,
      'function-server',
      '--cluster',
      options.cluster,
      '--port',
      `${options.port}`,
      '--store',
      options.store,
    ],
    env: {
      ...options.env,
      FADO_STORE_ACCESS_KEY: options.credentials.accessKey,
      FADO_STORE_SECRET_KEY: options.credentials.secretKey,
    },
    stateDir: options.stateDir,
    ready: 'message',
  })

export type EnvoyPartOptions = {
  readonly envoy: string
  /** The bootstrap, as JSON. */
  readonly configFile: string
  readonly adminPort: number
  readonly stateDir: string
}

export const envoyPart = ({ envoy, configFile, adminPort, stateDir }: EnvoyPartOptions): Part =>
  part(floors.envoy, {
    name: 'envoy',
    command: envoy,
    args: [...envoyArguments(configFile), '--concurrency', '2', '--log-level', 'warning'],
    env: { PATH: '/usr/bin:/bin' },
    stateDir,
    ready: answers(`${at(adminPort)}/ready`),
  })
