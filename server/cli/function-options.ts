// How functions are called, as options of `fado function add` and `update`.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FaasPayload, FaasTlsInput, TakenCalls } from '../../graphql/generated/operations.ts'
import type { Config } from '../config.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { type ProofOptions, proofInput, withProofOptions } from './function-proofs.ts'
import { parseNames } from './names.ts'
import { readText } from './read-text.ts'

export type FunctionCallOptions = ProofOptions & {
  readonly weight?: number
  readonly pathTemplate?: string
  readonly payload?: string
  readonly takes?: string
  readonly functions?: string[]
  readonly anyFunction?: boolean
  readonly caFile?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly skipTlsVerify?: boolean
  /** The same of `--no-tls`. */
  readonly tls?: boolean
}

const payloads: Readonly<Record<string, FaasPayload>> = { http: 'HTTP', event: 'EVENT', raw: 'RAW' }

const takenCalls: Readonly<Record<string, TakenCalls>> = { plain: 'PLAIN', grpc: 'GRPC', both: 'BOTH' }

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return value
}

const collectFunctions = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...parseNames(text, '--functions', '--any-function'),
]

/** `default` and `none` take a setting away, where there is one to take away. */
export function withCallOptions(command: Command, takesAway: boolean): Command {
  const [or, orDefault] = takesAway ? ['; none takes it away', "; default is the platform's"] : ['', '']
  const words = [...Object.keys(payloads), ...(takesAway ? ['default'] : [])]
  const called = command
    .option(
      '--weight <number>',
      `its share of calls beside others, 1 to 128${takesAway ? '' : '; 1 unless given'}`,
      wholeNumber,
    )
    .option('--path-template <path>', `where a call goes below the url, such as /api/{name}{rest}${orDefault}`)
    .addOption(
      new Option('--payload <form>', 'what a function of AWS Lambda gets: the call, an event, its body').choices(words),
    )
    .addOption(
      new Option(
        '--takes <calls>',
        `which calls its server takes: gRPC goes there over HTTP/2, all else over HTTP/1.1${takesAway ? '' : '; plain unless given'}`,
      ).choices(Object.keys(takenCalls)),
    )
    .option(
      '--functions <names>',
      `those that it has, with commas${takesAway ? '' : '; those that it lists or any, unless given'}`,
      collectFunctions,
    )
  return withProofOptions(called)
    .option('--ca-file <file>', `authorities (PEM) that its certificate is signed by${or}`)
    .option('--client-certificate <file>', `what FaDO shows of itself (PEM)${or}`)
    .option('--client-key <file>', 'its private key (PEM)')
    .option('--skip-tls-verify', 'take any certificate: for trials only')
}

/** Only where something is there to be taken away. */
export const withTakingAway = (command: Command): Command =>
  command
    .option('--any-function', 'nobody says which it has: those that it lists, or any')
    .option('--no-auth', 'calls need no proof')
    .option('--no-tls', "only the machine's authorities are trusted, no certificate is shown")
    .option('--no-skip-tls-verify', 'check its certificate again')

export const functionSecretsHelp = `
A secret key, key or token is read from standard input, a session token of AWS from the line after it; or both from
FADO_FUNCTION_SECRET and FADO_FUNCTION_SESSION_TOKEN.`

const usage = (message: string) => new CommandFailure(exitCodes.usage, message)
const unless = (word: string, text: string) => (text === word ? null : text)

/** The options as fields of the API's input; what was not given is left out. */
export async function callInput(options: FunctionCallOptions, config: Pick<Config, 'functionSecrets'>) {
  const { weight, pathTemplate, payload, takes, functions, anyFunction } = options
  if (functions !== undefined && anyFunction) throw usage('--functions and --any-function exclude each other')
  const [tls, auth] = [await tlsInput(options), await proofInput(options, config)]
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(pathTemplate === undefined ? {} : { pathTemplate: unless('default', pathTemplate) }),
    ...(payload === undefined ? {} : { payload: payloads[payload] ?? null }),
    ...(takes === undefined ? {} : { takes: takenCalls[takes] ?? null }),
    ...(functions === undefined ? {} : { functions }),
    ...(anyFunction ? { functions: null } : {}),
    ...(auth === undefined ? {} : { auth }),
    ...(tls === undefined ? {} : { tls }),
  }
}

async function tlsInput(options: FunctionCallOptions): Promise<FaasTlsInput | null | undefined> {
  const { caFile, clientCertificate: certificate, clientKey: key, skipTlsVerify: skipVerify, tls: kept } = options
  const given = [caFile, certificate, key, skipVerify].some((option) => option !== undefined)
  if (kept === false) {
    if (given) throw usage('--no-tls takes all of them away: leave the other options of TLS out')
    return null
  }
  if (!given) return undefined
  return {
    ...(caFile === undefined ? {} : { ca: await fileOrNone('--ca-file', caFile) }),
    ...(certificate === undefined ? {} : { clientCertificate: await fileOrNone('--client-certificate', certificate) }),
    ...(key === undefined ? {} : { clientKey: await readText('--client-key', key) }),
    ...(skipVerify === undefined ? {} : { skipVerify }),
  }
}

const fileOrNone = async (option: string, file: string) => (file === 'none' ? null : readText(option, file))
