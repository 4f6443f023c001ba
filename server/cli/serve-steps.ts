// What `npm start` prints when it serves: how to get in, and what it does not start.
import { type Config, urlOf } from '../config.ts'
import { signInLink } from '../sign-in-link.ts'

/**
 * The link carries the token in its fragment, which browsers do not send. A token that the user gave is repeated to a
 * terminal only, for other outputs are kept.
 */
export function serverSteps(
  { consoleUrl, http, xds, token: given }: Config,
  token: string,
  isTerminal: boolean,
): string {
  const link =
    given === undefined || isTerminal
      ? signInLink(consoleUrl, token)
      : `${consoleUrl}/sign-in (with the token of FADO_TOKEN)`
  return `
  Console    ${link}
  API        ${urlOf(http.address, http.port)}/graphql
  xDS        ${xds.address}:${xds.port}

No Envoy is started here: calls need one, and docs/envoy.md says how yours connects. First:

  npx fado token create edge-1 --role PROXY > proxy.token
  npx fado envoy bootstrap --node-id edge-1 --token-file proxy.token > envoy.json

Ctrl-C stops FaDO; npx fado --help shows what there is.`
}
