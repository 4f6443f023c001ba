// `fado envoy bootstrap`: the configuration that an Envoy of the user's starts with.
import { readFile } from 'node:fs/promises'
import { buildBootstrap } from '../../proxy/bootstrap.ts'
import type { Config } from '../config.ts'
import { fileFailure } from '../file-failure.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { json } from './output.ts'
import type { EnvoyBootstrapSettings } from './program.ts'

type ListenAddress = { readonly address: string; readonly port: number }
type Options = { readonly config: Pick<Config, 'xds' | 'envoyAdminPort'>; readonly print: (text: string) => void }

/** Where nothing is said the control plane is on this machine, unless it listens for others. */
function ownXds({ address, port }: ListenAddress): ListenAddress {
  if (address !== '0.0.0.0' && address !== '::') return { address, port }
  throw new CommandFailure(
    exitCodes.usage,
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
  throw new CommandFailure(
    exitCodes.usage,
    `The file ${file} holds no token: write one into it with fado token create NAME --role PROXY > ${file}`,
  )
}

/** Prints it as JSON; it holds the token. */
export async function envoyBootstrap(settings: EnvoyBootstrapSettings, { config, print }: Options): Promise<number> {
  const { nodeId, tokenFile, xds, admin } = settings
  const bootstrap = buildBootstrap({
    nodeId,
    xds: xds ?? [ownXds(config.xds)],
    admin: admin ?? { address: '127.0.0.1', port: config.envoyAdminPort },
    token: await readToken(tokenFile),
  })
  print(json(bootstrap))
  return exitCodes.done
}
