// `fado bucket`.
import type { Command } from 'commander'
import {
  CliBucketAdoptDocument,
  CliBucketCreateDocument,
  CliBucketDeleteDocument,
  CliBucketMasterDocument,
  CliMasterResolveDocument,
  CliReplicaReleaseDocument,
  CliReplicaResyncDocument,
} from '../../graphql/generated/operations.ts'
import { type Api, accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { parseNames } from './names.ts'
import { type Assignment, parseAssignment } from './policy-values.ts'

const collectStores = (text: string, before: readonly string[] = []) => [...before, ...parseNames(text, '--also-on')]
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

type AdoptOptions = CreateOptions & { readonly alsoOn?: string[] }
type ResolveOptions = { readonly rebuild?: boolean; readonly accept?: boolean; readonly from?: string }

/** Which objects come or go. */
function resolveSentence(
  name: string,
  rebuild: boolean,
  from: string | null,
  found: { readonly missing: number; readonly older: number } | null,
): string {
  const { missing, older } = found ?? { missing: 0, older: 0 }
  if (!rebuild)
    return `The master of ${name} is accepted: ${missing} objects are deleted on its replicas, ${older} become the older ones there. npx fado get replicas shows how it goes.`
  const source = from === null ? 'the replica that lacks the fewest changes' : `the replica on ${from}`
  return `The master of ${name} is made again from ${source}: ${missing} objects come back, ${older} become the newer ones. npx fado get buckets shows how it goes.`
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
  const bucket = program.command('bucket').description('create, adopt, compare, resolve, release and remove buckets')
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
    .command('adopt')
    .argument('<name>', 'of a bucket that is on the store already')
    .description("take a bucket that is there already under FaDO's care, as master (docs/adopt.md)")
    .requiredOption('--store <name>', 'the storage deployment that has it')
    .option('--also-on <names>', 'stores that hold a copy of it already, with commas', collectStores)
    .option('--policy <name=value>', 'a policy of the bucket from the start; may be repeated', collect)
    .option('--allow-outside-zones', 'adopt it though its zones forbid data on that store', false)
    .action(async (name: string, options: AdoptOptions, command: Command) => {
      const api = await connect(context, command)
      const { store, alsoOn = [], policy: policies = [], allowOutsideZones } = options
      const input = { name, storageDeployment: store, alsoOn, policies, allowOutsideZones }
      const payload = accepted((await api.run(CliBucketAdoptDocument, { input })).bucketAdopt)
      const copies = alsoOn.length === 0 ? '' : ` What equals it on ${alsoOn.join(', ')} is taken over.`
      const sentence = `Adopted ${name} on ${store}.${copies} npx fado get replicas shows how it goes.`
      printResult(context, command, sentence, payload)
    })
  bucket
    .command('release')
    .argument('<name>')
    .description('let a replica go and keep its data: nothing is copied to it or deleted from it any more')
    .requiredOption('--store <name>', 'the storage deployment that holds the replica')
    .action(async (name: string, { store }: { store: string }, command: Command) => {
      const api = await connect(context, command)
      const input = { bucket: name, storageDeployment: store }
      const payload = accepted((await api.run(CliReplicaReleaseDocument, { input })).replicaRelease)
      const sentence = `Releasing ${name} on ${store}: its data stays, and FaDO forgets it when every proxy has agreed.`
      printResult(context, command, sentence, payload)
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
    .command('resolve')
    .argument('<name>')
    .description('say what becomes of a master that went backwards; npx fado get buckets shows what it lost')
    .option('--rebuild', 'make it again from a replica: what it lacks or has older is copied back')
    .option('--from <store>', 'with --rebuild: the replica; without, the one that lacks the fewest changes')
    .option('--accept', 'take it as it is now: deletes and older versions go to the replicas')
    .action(async (name: string, options: ResolveOptions, command: Command) => {
      const { rebuild = false, accept = false, from = null } = options
      if (rebuild === accept) throw new CommandFailure(exitCodes.usage, 'Say either --rebuild or --accept')
      if (accept && from !== null) throw new CommandFailure(exitCodes.usage, '--from goes with --rebuild only')
      const api = await connect(context, command)
      const input = { bucket: name, choice: rebuild ? ('REBUILD' as const) : ('ACCEPT' as const), from }
      const payload = accepted((await api.run(CliMasterResolveDocument, { input })).masterResolve)
      printResult(context, command, resolveSentence(name, rebuild, from, payload.bucket.master.regressed), payload)
    })
  bucket
    .command('rm')
    .argument('<name>')
    .description('remove a bucket: first its route, then its replicas')
    .option(
      '--delete-data',
      "delete the master's bucket too, with all that is in it; without this it stays, and `fado bucket adopt` takes it back",
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
          : `${kept}.\nfado bucket adopt takes that bucket back; to be rid of the data, delete it there with an S3 client (--delete-data would have done it).`
      printResult(context, command, `Removing ${name}: ${rest}`, payload)
    })
}
