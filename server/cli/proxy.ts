// `fado proxy`.
import type { Command } from 'commander'
import { CliProxiesDocument, CliProxyForgetDocument } from '../../graphql/generated/operations.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'

export function addProxyCommands(program: Command, context: CommandContext): void {
  program
    .command('proxy')
    .description('forget Envoys that will not come back')
    .command('forget')
    .argument('<id>', 'as `fado get proxies` shows it, or the name of its node')
    .description('changes and deletions wait for it no longer; should it run all the same, its calls may miss data')
    .action(async (given: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const { proxies } = await api.run(CliProxiesDocument, {})
      const id = proxies.find(({ nodeId }) => nodeId === given)?.id ?? given
      const payload = accepted((await api.run(CliProxyForgetDocument, { input: { id } })).proxyForget)
      printResult(context, command, `Forgot ${given}: nothing waits for it any more.`, payload)
    })
}
