// `fado whoami`: which token the commands use here, and what it may do.
import type { Command } from 'commander'
import { CliViewerDocument, type CliViewerQuery } from '../../graphql/generated/operations.ts'
import { type CommandContext, connect, printResult } from './context.ts'

const may = ({ mayChange, mayManageTokens }: CliViewerQuery['viewer']) =>
  mayManageTokens ? 'reads, changes, and makes tokens' : mayChange ? 'reads and changes' : 'reads'

export function addWhoami(program: Command, context: CommandContext): void {
  program
    .command('whoami')
    .description('show which token is used, and what it may do')
    .action(async (_options: unknown, command: Command) => {
      const { viewer } = await (await connect(context, command)).run(CliViewerDocument, {})
      const bounds = viewer.zones.length === 0 ? '' : `, changes only within ${viewer.zones.join(', ')}`
      printResult(context, command, `${viewer.name}, role ${viewer.role}: ${may(viewer)}${bounds}.`, viewer)
    })
}
