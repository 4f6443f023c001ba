// The environment, read and checked once. Nobody else reads process.env.
import path from 'node:path'
import { z } from 'zod'
import { FadoError } from './domain/errors.ts'
import { numberFault, numberSettings, unusable } from './tools/number-settings.mjs'

/** Whole numbers as text; what is not one is told with what it should be. */
const wholeNumber = (name: keyof typeof numberSettings) =>
  z.string().transform((text, context) => {
    const fault = numberFault(text, numberSettings[name])
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
    return Number(text)
  })

const flag = z.enum(['0', '1'], { error: 'it must be 0 or 1' }).transform((text) => text === '1')
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const nonEmpty = z.string().min(1)

const environment = z.object({
  /** Absent: an embedded PostgreSQL in the state directory. */
  DATABASE_URL: nonEmpty.optional(),
  /** How many connections a control plane and its mover open there at most, together. */
  FADO_DATABASE_CONNECTIONS: wholeNumber('FADO_DATABASE_CONNECTIONS').default(20),
  FADO_STATE_DIR: nonEmpty.default('.fado'),
  /** 32 bytes as 64 hex digits or base64. Absent: the file `secret.key` in the state directory, made at first start. */
  FADO_SECRET_KEY: nonEmpty.optional(),
  /** 1: start though the stores' credentials were encrypted with another key, which is lost; they must be given again. */
  FADO_NEW_SECRET_KEY: flag.default(false),
  /** A store's secret key and session token, for `fado store add` and `update`. Absent: read from standard input. */
  FADO_STORE_SECRET_KEY: z.string().optional(),
  FADO_STORE_SESSION_TOKEN: z.string().optional(),
  /** What proves to a function platform that calls are FaDO's, for `fado function add` and `update`. Absent: as above. */
  FADO_FUNCTION_SECRET: z.string().optional(),
  FADO_FUNCTION_SESSION_TOKEN: z.string().optional(),
  /** The first admin's token. Absent: the file `token` in the state directory, made at first start. */
  FADO_TOKEN: z.string().min(16, 'it must have at least 16 characters').optional(),
  /** The FaDO that the commands speak to. Absent: the demo or the server of the state directory. */
  FADO_URL: nonEmpty.optional(),
  FADO_HTTP_ADDRESS: nonEmpty.default('127.0.0.1'),
  FADO_HTTP_PORT: wholeNumber('FADO_HTTP_PORT').default(8080),
  /** Where browsers reach FaDO, when a reverse proxy stands before it. Absent: the address and port above. */
  FADO_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'it must be an address such as https://fado.example.com' })
    .refine((text) => URL.parse(text)?.pathname === '/', 'it must have no path: FaDO is served at the root of its host')
    .optional(),
  FADO_MOVER_ADDRESS: nonEmpty.default('127.0.0.1'),
  /** Where a mover tells its figures. Absent: nowhere, for any number of movers may run on one machine. */
  FADO_MOVER_PORT: wholeNumber('FADO_MOVER_PORT').optional(),
  FADO_XDS_ADDRESS: nonEmpty.default('127.0.0.1'),
  FADO_XDS_PORT: wholeNumber('FADO_XDS_PORT').default(18000),
  /** PEM files with which xDS is served over TLS, both or none. They are read again as they change. */
  FADO_XDS_CERTIFICATE: nonEmpty.optional(),
  FADO_XDS_KEY: nonEmpty.optional(),
  /** PEM file of the authorities whose certificates prove who an Envoy is, in place of a token. */
  FADO_XDS_CLIENT_CA: nonEmpty.optional(),
  FADO_INGRESS_ADDRESS: nonEmpty.default('127.0.0.1'),
  FADO_INGRESS_PORT: wholeNumber('FADO_INGRESS_PORT').default(10000),
  /** Where the ingress speaks TLS, beside the port above, and the PEM files that it does so with: all or none. */
  FADO_INGRESS_TLS_PORT: wholeNumber('FADO_INGRESS_TLS_PORT').optional(),
  FADO_INGRESS_CERTIFICATE: nonEmpty.optional(),
  FADO_INGRESS_KEY: nonEmpty.optional(),
  /** Where callers reach the ingress, for what people are told. Absent: the address and port above. */
  FADO_INGRESS_URL: z
    .url({ protocol: /^https?$/, error: 'it must be an address such as http://fado.example.org' })
    .optional(),
  FADO_ENVOY_ADMIN_PORT: wholeNumber('FADO_ENVOY_ADMIN_PORT').default(9901),
  /** The port for the embedded PostgreSQL; 0 = a free one. */
  FADO_POSTGRES_PORT: wholeNumber('FADO_POSTGRES_PORT').default(0),
  /** Moves all of the demo to N...N+99. */
  FADO_DEMO_PORT_BASE: wholeNumber('FADO_DEMO_PORT_BASE').optional(),
  FADO_LOG_LEVEL: z.enum(logLevels, { error: `it must be one of ${logLevels.join(', ')}` }).default('info'),
  /** 1: function deployments may be FaDO itself, and link-local addresses. */
  FADO_ALLOW_ANY_TARGET: flag.default(false),
  /** How long a proxy that is gone still counts, in seconds. */
  FADO_PROXY_LEASE: wholeNumber('FADO_PROXY_LEASE').default(600),
  FADO_ENVOY_BIN: nonEmpty.optional(),
  FADO_MINIO_BIN: nonEmpty.optional(),
  /** 1: the console is compiled as it is asked for, for work on it. */
  FADO_DEV: flag.default(false),
})

export type Secrets = { readonly secret: string | undefined; readonly sessionToken: string | undefined }

export type Config = {
  readonly databaseUrl: string | undefined
  readonly databaseConnections: number
  readonly postgresPort: number
  readonly stateDir: string
  readonly secretKey: string | undefined
  readonly newSecretKey: boolean
  readonly token: string | undefined
  /** For the command line. */
  readonly storeSecrets: Secrets
  readonly functionSecrets: Secrets
  readonly url: string | undefined
  readonly http: { readonly address: string; readonly port: number }
  /** Where browsers reach FaDO, as far as it was told; an origin. */
  readonly publicUrl: string | undefined
  /** The same, or as this machine reaches it: for links. */
  readonly consoleUrl: string
  /** Where a mover tells its figures; without a port it does not. */
  readonly mover: { readonly address: string; readonly port: number | undefined }
  /** `tls`: paths of PEM files; null: xDS is served without TLS. */
  readonly xds: {
    readonly address: string
    readonly port: number
    readonly tls: { readonly certificate: string; readonly key: string; readonly clientCa: string | null } | null
  }
  /** `tls`: its port, and paths of PEM files; null: it speaks none. */
  readonly ingress: {
    readonly address: string
    readonly port: number
    readonly tls: { readonly port: number; readonly certificate: string; readonly key: string } | null
    readonly url: string
  }
  readonly envoyAdminPort: number
  readonly demoPortBase: number | undefined
  readonly logLevel: string
  readonly proxyLeaseSeconds: number
  /** Whether calls may go to FaDO itself and to link-local addresses. */
  readonly allowAnyTarget: boolean
  readonly envoyBin: string | undefined
  readonly minioBin: string | undefined
  readonly dev: boolean
}

/** Where this machine reaches a server of ours, also where it listens on all networks. */
export function urlOf(address: string, port: number): string {
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : address
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function xdsTls(e: z.infer<typeof environment>): Config['xds']['tls'] {
  const [certificate, key, clientCa] = [e.FADO_XDS_CERTIFICATE, e.FADO_XDS_KEY, e.FADO_XDS_CLIENT_CA]
  if (certificate !== undefined && key !== undefined) return { certificate, key, clientCa: clientCa ?? null }
  if (certificate === undefined && key === undefined && clientCa === undefined) return null
  throw new FadoError('VALIDATION_FAILED', 'xDS over TLS needs both FADO_XDS_CERTIFICATE and FADO_XDS_KEY')
}

function ingressTls(e: z.infer<typeof environment>): Config['ingress']['tls'] {
  const [port, certificate, key] = [e.FADO_INGRESS_TLS_PORT, e.FADO_INGRESS_CERTIFICATE, e.FADO_INGRESS_KEY]
  if (port !== undefined && certificate !== undefined && key !== undefined) return { port, certificate, key }
  if (port === undefined && certificate === undefined && key === undefined) return null
  throw new FadoError(
    'VALIDATION_FAILED',
    'TLS for callers needs all of FADO_INGRESS_TLS_PORT, FADO_INGRESS_CERTIFICATE and FADO_INGRESS_KEY',
  )
}

/** Throws VALIDATION_FAILED that names the variable and what it should be. An empty variable counts as absent. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0] ?? 'environment')
    throw new FadoError('VALIDATION_FAILED', unusable(name, issue?.message ?? ''))
  }
  const e = parsed.data
  const publicUrl = e.FADO_PUBLIC_URL === undefined ? undefined : new URL(e.FADO_PUBLIC_URL).origin
  return {
    databaseUrl: e.DATABASE_URL,
    databaseConnections: e.FADO_DATABASE_CONNECTIONS,
    postgresPort: e.FADO_POSTGRES_PORT,
    stateDir: path.resolve(e.FADO_STATE_DIR),
    secretKey: e.FADO_SECRET_KEY,
    newSecretKey: e.FADO_NEW_SECRET_KEY,
    token: e.FADO_TOKEN,
    storeSecrets: { secret: e.FADO_STORE_SECRET_KEY, sessionToken: e.FADO_STORE_SESSION_TOKEN },
    functionSecrets: { secret: e.FADO_FUNCTION_SECRET, sessionToken: e.FADO_FUNCTION_SESSION_TOKEN },
    url: e.FADO_URL,
    http: { address: e.FADO_HTTP_ADDRESS, port: e.FADO_HTTP_PORT },
    publicUrl,
    consoleUrl: publicUrl ?? urlOf(e.FADO_HTTP_ADDRESS, e.FADO_HTTP_PORT),
    mover: { address: e.FADO_MOVER_ADDRESS, port: e.FADO_MOVER_PORT },
    xds: { address: e.FADO_XDS_ADDRESS, port: e.FADO_XDS_PORT, tls: xdsTls(e) },
    ingress: {
      address: e.FADO_INGRESS_ADDRESS,
      port: e.FADO_INGRESS_PORT,
      tls: ingressTls(e),
      url: (e.FADO_INGRESS_URL ?? urlOf(e.FADO_INGRESS_ADDRESS, e.FADO_INGRESS_PORT)).replace(/\/+$/, ''),
    },
    envoyAdminPort: e.FADO_ENVOY_ADMIN_PORT,
    demoPortBase: e.FADO_DEMO_PORT_BASE,
    logLevel: e.FADO_LOG_LEVEL,
    proxyLeaseSeconds: e.FADO_PROXY_LEASE,
    allowAnyTarget: e.FADO_ALLOW_ANY_TARGET,
    envoyBin: e.FADO_ENVOY_BIN,
    minioBin: e.FADO_MINIO_BIN,
    dev: e.FADO_DEV,
  }
}
