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

const list = (text: string): string[] => text.split(',').filter((one) => one !== '')

function collectClaims(text: string, before: readonly Claim[] = []): readonly Claim[] {
  const claim = claimOf(text)
  if (claim === undefined) throw new InvalidArgumentError('It must be such as role=nurse,doctor.')
  return [...before, claim]
}

const usage = (message: string) => new CommandFailure(exitCodes.usage, message)

async function howOf(options: CreateOptions): Promise<CallerHowInput> {
  const { key, issuer, jwksUrl, jwks, audiences, claim, caFile, san } = options
  if (caFile !== undefined)
    return { certificate: { ca: await readText('--ca-file', caFile), subjectAltNames: san ?? [] } }
  if (san !== undefined) throw usage('--san goes with --ca-file: the authority that signs the certificates')
  if (key) return { key }
  if (issuer === undefined) throw usage('Say how it is known: --key, --issuer or --ca-file')
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
    .description('by a key, which is shown once, by tokens of an issuer, or by client certificates')
    .addOption(new Option('--key', "known by a key of FaDO's").conflicts('issuer'))
    .option('--issuer <iss>', 'known by its tokens (JWT), as their claim iss has it')
    .addOption(new Option('--jwks-url <url>', 'where the issuer shows its keys').conflicts('jwks'))
    .option('--jwks <file>', 'its keys instead, as a JWK set')
    .option('--audiences <names>', 'one of which the claim aud must be or hold, with commas', list)
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
    .description('let it in nowhere from now on')
    .action(async (name: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliCallerDeleteDocument, { input: { name } })).callerDelete)
      const { closed, others } = withoutIt(payload.namedBy)
      const said = [`Deleted ${name}.`, closed, others].filter((line) => line !== '')
      printResult(context, command, said.join('\n'), payload)
    })
}
