// `fado bucket`.
import type { Command } from 'commander'
import { CliBucketCreateDocument, CliBucketDeleteDocument } from '../../graphql/generated/operations.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { type Assignment, parseAssignment } from './policy-values.ts'

const collect = (text: string, before: readonly Assignment[] = []) => [...before, parseAssignment(text)]

export function addBucketCommands(program: Command, context: CommandContext): void {
  const bucket = program.command('bucket').description('create and remove buckets')
  bucket
    .command('create')
    .argument('<name>', 'unique in the fleet')
    .description('create a bucket on its master store')
    .requiredOption('--store <name>', 'the storage deployment that holds the master')
    .option('--policy <name=value>', 'a policy of the bucket from the start; may be repeated', collect)
    .action(async (name: string, options: { store: string; policy?: Assignment[] }, command: Command) => {
      const api = await connect(context, command)
      const input = { name, storageDeployment: options.store, policies: options.policy ?? [] }
      const payload = accepted((await api.run(CliBucketCreateDocument, { input })).bucketCreate)
      printResult(context, command, `Created ${name} on ${options.store}.`, payload)
    })
  bucket
    .command('rm')
    .argument('<name>')
    .description('remove a bucket: first its route, then its replicas')
    .option('--delete-data', "delete the master's bucket too, with all that is in it", false)
    .action(async (name: string, options: { deleteData: boolean }, command: Command) => {
      const api = await connect(context, command)
      const { deleteData } = options
      const payload = accepted(
        (await api.run(CliBucketDeleteDocument, { input: { bucket: name, deleteData } })).bucketDelete,
      )
      const rest = deleteData ? 'its data goes too' : "the master's data stays"
      printResult(context, command, `Removing ${name}: ${rest}.`, payload)
    })
}
