// What `npm start` prints when it serves: how to get in, and what it does not start.
import { type Config, urlOf } from '../config.ts'
import { signInLink } from '../sign-in-link.ts'
import { stateDirectoryPrefix } from '../state-directory.ts'

type Served = {
  readonly config: Config
  /** The settings that it was started with: another terminal has none of them. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly token: string
  readonly isTerminal: boolean
}

/** A server whose token was given leaves none where commands look for it. */
const prefixOf = ({ config: { http, token }, env }: Served) =>
  token === undefined ? stateDirectoryPrefix(env) : `FADO_URL=${urlOf(http.address, http.port)} FADO_TOKEN=... `

/** Where it is not what the command takes by itself. */
function xdsOption({ xds: { address, port } }: Config): string {
  const isEverywhere = address === '0.0.0.0' || address === '::'
  if (!isEverywhere && address === '127.0.0.1' && port === 18000) return ''
  const host = address.includes(':') ? `[${address}]` : address
  return ` --xds ${isEverywhere ? 'fado.example.org' : host}:${port}`
}

/**
 * The link carries the token in its fragment, which browsers do not send. A token that the user gave is repeated to a
 * terminal only, for other outputs are kept.
 */
export function serverSteps(served: Served): string {
  const { config, token, isTerminal } = served
  const { consoleUrl, http, xds, token: given } = config
  const link =
    given === undefined || isTerminal
      ? signInLink(consoleUrl, token)
      : `${consoleUrl}/sign-in (with the token of FADO_TOKEN)`
  const prefix = prefixOf(served)
  return `
  Console    ${link}
  API        ${urlOf(http.address, http.port)}/graphql
  xDS        ${xds.address}:${xds.port}

No Envoy is started here: calls need one, and docs/envoy.md says how yours connects. First:

  ${prefix}npx fado token create edge-1 --role PROXY > proxy.token
  npx fado envoy bootstrap --node-id edge-1 --token-file proxy.token${xdsOption(config)} > envoy.json

Ctrl-C stops FaDO; ${prefix}npx fado --help shows what there is.`
}
