// `fado caller`.
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  type CallerHowInput,
  CliCallerCreateDocument,
  CliCallerDeleteDocument,
} from '../../graphql/generated/operations.ts'
import type { Claim } from '../domain/callers/by-token.ts'
import { claimOf } from '../domain/callers/claim-words.ts'
import { withoutIt } from '../domain/callers/naming-words.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { parseNames } from './names.ts'
import { readText } from './read-text.ts'

type CreateOptions = {
  key?: true
  issuer?: string
  jwksUrl?: string
  jwks?: string
  audiences?: string[]
  claim?: readonly Claim[]
  caFile?: string
  san?: string[]
}

/** One that is not set would let in the tokens of all audiences. */
const audienceNames = (text: string): string[] => parseNames(text, '--audiences')

function collectClaims(text: string, before: readonly Claim[] = []): readonly Claim[] {
  const claim = claimOf(text)
  if (claim === undefined) throw new InvalidArgumentError('It must be such as role=nurse,doctor.')
  return [...before, claim]
}

const usage = (message: string) => new CommandFailure(exitCodes.usage, message)

/** What narrows tokens must not be dropped where a caller is known by something else: it would let in more than was meant. */
function checkBelonging({ issuer, jwksUrl, jwks, audiences, claim, caFile, san }: CreateOptions): void {
  const ofTokens = { '--jwks-url': jwksUrl, '--jwks': jwks, '--audiences': audiences, '--claim': claim }
  const stray = Object.entries(ofTokens).find(([, value]) => value !== undefined)
  if (stray && issuer === undefined) throw usage(`${stray[0]} goes with --issuer: whose tokens they are`)
  if (san !== undefined && caFile === undefined)
    throw usage('--san goes with --ca-file: the authority that signs the certificates')
}

async function howOf(options: CreateOptions): Promise<CallerHowInput> {
  const { key, issuer, jwksUrl, jwks, audiences, claim, caFile, san } = options
  checkBelonging(options)
  if (caFile !== undefined)
    return { certificate: { ca: await readText('--ca-file', caFile), subjectAltNames: san ?? [] } }
  if (key) return { key }
  if (issuer === undefined) throw usage('Say how it is known: --key, --issuer or --ca-file')
  if (jwksUrl === undefined && jwks === undefined) throw usage("Give the issuer's keys: --jwks-url or --jwks")
  const given = jwks === undefined ? null : await readText('--jwks', jwks)
  return {
    jwt: {
      issuer,
      jwksUrl: jwksUrl ?? null,
      jwks: given,
      audiences: audiences ?? [],
      claims: (claim ?? []).map(({ name, values }) => ({ name, values: [...values] })),
    },
  }
}

export function addCallerCommands(program: Command, context: CommandContext): void {
  const caller = program.command('caller').description('create and delete callers, whom the policy callers names')
  caller
    .command('create')
    .argument('<name>', 'as policies name it')
    .description('create a caller, known by a key (shown once), by tokens of an issuer, or by client certificates')
    .addOption(new Option('--key', "known by a key of FaDO's").conflicts('issuer'))
    .option('--issuer <iss>', 'known by its tokens (JWT), as their claim iss has it')
    .addOption(new Option('--jwks-url <url>', 'where the issuer shows its keys').conflicts('jwks'))
    .option('--jwks <file>', 'its keys instead, as a JWK set')
    .option('--audiences <names>', 'one of which the claim aud must be or hold, with commas', audienceNames)
    .option('--claim <name=values>', 'one of which another claim must be or hold; may be given again', collectClaims)
    .addOption(
      new Option('--ca-file <file>', 'known by client certificates that this authority signs, in PEM').conflicts([
        'key',
        'issuer',
      ]),
    )
    .option('--san <name...>', 'one of which must be a URI or DNS name of the certificate (subjectAltName)')
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const how = await howOf(options)
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliCallerCreateDocument, { input: { name, how } })).callerCreate)
      printResult(context, command, payload.secret ?? `Created ${name}.`, payload)
    })
  caller
    .command('delete')
    .alias('rm')
    .argument('<name>', 'as `fado get callers` shows it')
    .description('delete a caller: its key, tokens or certificates let nobody in from now on')
    .action(async (name: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliCallerDeleteDocument, { input: { name } })).callerDelete)
      const { closed, others } = withoutIt(payload.namedBy)
      const said = [`Deleted ${name}.`, closed, others].filter((line) => line !== '')
      printResult(context, command, said.join('\n'), payload)
    })
}
