// `fado bucket`.
import type { Command } from 'commander'
import {
  CliBucketCreateDocument,
  CliBucketDeleteDocument,
  CliBucketMasterDocument,
  CliReplicaResyncDocument,
} from '../../graphql/generated/operations.ts'
import { type Api, accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { type Assignment, parseAssignment } from './policy-values.ts'

const collect = (text: string, before: readonly Assignment[] = []) => [...before, parseAssignment(text)]

type ResyncOptions = { readonly store: string; readonly allowDeletes: boolean; readonly overwrite: boolean }

/** What was ordered, and what held the copy up until then. */
function resyncSentence(name: string, { store, allowDeletes, overwrite }: ResyncOptions, cause: string | null): string {
  const also = [
    ...(allowDeletes ? ['deletes what the master has no more, however much that is'] : []),
    ...(overwrite ? ["replaces objects in the way by the master's"] : []),
  ]
  const orders = also.length === 0 ? '' : `; it ${also.join(', and ')}`
  const held = cause === null ? '' : `\nUntil now it was held up: ${cause}.`
  return `A resync of ${name} on ${store} begins${orders}. npx fado get replicas shows how it goes.${held}`
}

type CreateOptions = { store: string; policy?: Assignment[]; allowOutsideZones: boolean }

/** Where the data stays that is not deleted. */
async function keptAt(api: Api, name: string): Promise<string> {
  const { bucket } = await api.run(CliBucketMasterDocument, { name })
  if (bucket === null) return 'its data stays'
  const { bucketName, storageDeployment: store } = bucket.master
  return `its data stays in the bucket ${bucketName} on ${store.name} (${store.endpoint})`
}

export function addBucketCommands(program: Command, context: CommandContext): void {
  const bucket = program.command('bucket').description('create, compare and remove buckets')
  bucket
    .command('create')
    .argument('<name>', 'unique in the fleet')
    .description('create a bucket on its master store')
    .requiredOption('--store <name>', 'the storage deployment that holds the master')
    .option('--policy <name=value>', 'a policy of the bucket from the start; may be repeated', collect)
    .option('--allow-outside-zones', 'make it on that store though its zones forbid data there', false)
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const api = await connect(context, command)
      const { store, policy: policies = [], allowOutsideZones } = options
      const input = { name, storageDeployment: store, policies, allowOutsideZones }
      const payload = accepted((await api.run(CliBucketCreateDocument, { input })).bucketCreate)
      printResult(context, command, `Created ${name} on ${store}.`, payload)
    })
  bucket
    .command('resync')
    .argument('<name>')
    .description('compare a whole replica with its master now, each object with its metadata and tags')
    .requiredOption('--store <name>', 'the storage deployment that holds the replica')
    .option('--allow-deletes', 'delete what the master has no more, though the delete brake holds it', false)
    .option('--overwrite', "replace objects in the way, which FaDO did not write, by the master's", false)
    .action(async (name: string, options: ResyncOptions, command: Command) => {
      const api = await connect(context, command)
      const { store, allowDeletes, overwrite } = options
      const onConflict = overwrite ? ('OVERWRITE' as const) : ('KEEP' as const)
      const input = { bucket: name, storageDeployment: store, allowDeletes, onConflict }
      const payload = accepted((await api.run(CliReplicaResyncDocument, { input })).replicaResync)
      printResult(context, command, resyncSentence(name, options, payload.replica.cause), payload)
    })
  bucket
    .command('rm')
    .argument('<name>')
    .description('remove a bucket: first its route, then its replicas')
    .option(
      '--delete-data',
      "delete the master's bucket too, with all that is in it; without this it stays, and FaDO cannot take it back yet",
      false,
    )
    .action(async (name: string, options: { deleteData: boolean }, command: Command) => {
      const api = await connect(context, command)
      const { deleteData } = options
      const kept = deleteData ? undefined : await keptAt(api, name)
      const payload = accepted(
        (await api.run(CliBucketDeleteDocument, { input: { bucket: name, deleteData } })).bucketDelete,
      )
      const rest =
        kept === undefined
          ? 'its data goes too.'
          : `${kept}.\nFaDO cannot take that bucket back yet: to be rid of the data, delete it there with an S3 client (--delete-data would have done it).`
      printResult(context, command, `Removing ${name}: ${rest}`, payload)
    })
}
