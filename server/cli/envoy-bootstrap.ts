// `fado envoy bootstrap`: the configuration that an Envoy of the user's starts with.
import { readFile } from 'node:fs/promises'
import { buildBootstrap, type XdsTls } from '../../proxy/bootstrap.ts'
import type { Config } from '../config.ts'
import { fileFailure } from '../file-failure.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { json } from './output.ts'
import type { EnvoyBootstrapSettings } from './program.ts'

type ListenAddress = { readonly address: string; readonly port: number }
type Options = { readonly config: Pick<Config, 'xds' | 'envoyAdminPort'>; readonly print: (text: string) => void }

const usage = (message: string) => new CommandFailure(exitCodes.usage, message)

/** Where nothing is said the control plane is on this machine, unless it listens for others. */
function ownXds({ address, port }: ListenAddress): ListenAddress {
  if (address !== '0.0.0.0' && address !== '::') return { address, port }
  throw usage(
    `FaDO serves xDS on all its networks: say where the Envoy reaches it, for example --xds fado.example.org:${port}`,
  )
}

/** Never an argument: those are seen by every user of the machine. */
async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailure(exitCodes.usage, `The file ${file} cannot be read (${fileFailure(cause)})`, {
      cause,
    })
  })
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw usage(`The file ${file} holds no token: write one into it with fado token create NAME --role PROXY > ${file}`)
}

/** The files are read by the Envoy, which may be on another machine. */
function tlsOf(settings: EnvoyBootstrapSettings, ownTls: Config['xds']['tls']): XdsTls | null {
  const { caFile, clientCertificate, clientKey, xds } = settings
  if ((clientCertificate === undefined) !== (clientKey === undefined))
    throw usage('--client-certificate and --client-key go together')
  if (caFile === undefined) {
    if (clientCertificate !== undefined) throw usage('--client-certificate goes with --ca-file')
    if (xds === undefined && ownTls !== null)
      throw usage('FaDO serves xDS over TLS: say with --ca-file which authorities signed its certificate')
    return null
  }
  const client =
    clientCertificate !== undefined && clientKey !== undefined
      ? { certificate: clientCertificate, key: clientKey }
      : null
  return { ca: caFile, client }
}

/** Prints it as JSON; it holds the token. */
export async function envoyBootstrap(settings: EnvoyBootstrapSettings, { config, print }: Options): Promise<number> {
  const { nodeId, tokenFile, xds, admin } = settings
  const tls = tlsOf(settings, config.xds.tls)
  const bootstrap = buildBootstrap({
    nodeId,
    xds: xds ?? [ownXds(config.xds)],
    admin: admin ?? { address: '127.0.0.1', port: config.envoyAdminPort },
    token: tokenFile === undefined ? null : await readToken(tokenFile),
    tls,
  })
  print(json(bootstrap))
  return exitCodes.done
}
