// `fado token`.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliTokenCreateDocument, CliTokenRevokeDocument, type TokenRole } from '../../graphql/generated/operations.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { collectZones } from './fleet.ts'

const roles: readonly TokenRole[] = ['VIEWER', 'OPERATOR', 'ADMIN', 'NOTIFY', 'PROXY']

function time(text: string): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('It must be a time such as 2027-01-31T12:00:00Z.')
  return date.toISOString()
}

type CreateOptions = { role: TokenRole; zones?: string[]; expires?: string }

export function addTokenCommands(program: Command, context: CommandContext): void {
  const token = program.command('token').description('create and revoke tokens of the API (for an ADMIN)')
  token
    .command('create')
    .argument('<name>', 'what it is for')
    .description('create a token; it is shown once')
    .addOption(
      new Option('--role <role>', 'NOTIFY: only webhooks of stores, PROXY: only Envoys')
        .choices(roles)
        .makeOptionMandatory(),
    )
    .option('--zones <names>', 'only for what lies in these zones, with commas', collectZones)
    .option('--expires <time>', 'when it ends; never, unless given', time)
    .action(async (name: string, { role, zones, expires }: CreateOptions, command: Command) => {
      const api = await connect(context, command)
      const input = { name, role, zones: zones ?? [], expiresAt: expires ?? null }
      const payload = accepted((await api.run(CliTokenCreateDocument, { input })).tokenCreate)
      printResult(context, command, payload.secret, payload)
    })
  token
    .command('revoke')
    .argument('<id>', 'as `fado get tokens` shows it')
    .description('end a token at once')
    .action(async (id: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliTokenRevokeDocument, { input: { id } })).tokenRevoke)
      printResult(context, command, `Revoked ${id}.`, payload)
    })
}
