// `fado cluster` and `fado store`; `fado function` is in functions.ts.
import type { Command } from 'commander'
import {
  CliClusterCreateDocument,
  CliClusterDeleteDocument,
  CliStorageDeploymentAddDocument,
  CliStorageDeploymentRemoveDocument,
  CliStorageDeploymentUpdateDocument,
} from '../../graphql/generated/operations.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { addFunctionCommands } from './functions.ts'
import { parseNames } from './names.ts'
import { type AccessOptions, accessInput, readStoreSecrets, secretsHelp, withAccessOptions } from './store-access.ts'
import { addStoreBuckets } from './store-buckets.ts'
import { addStoreEvents, type EventOptions, eventInput, withEventOptions } from './store-events.ts'

export const collectZones = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...parseNames(text, '--zones'),
]

const force = 'do not wait for what cannot be reached: what it holds is left behind'

function addClusterCommands(program: Command, context: CommandContext): void {
  const cluster = program.command('cluster').description('add and remove clusters')
  cluster
    .command('add')
    .argument('<name>', 'unique in the fleet')
    .description('add a cluster; then give it a store and functions')
    .option('--zones <names>', 'zones it lies in, with commas', collectZones)
    .action(async (name: string, options: { zones?: string[] }, command: Command) => {
      const api = await connect(context, command)
      const input = { name, zones: options.zones ?? [] }
      printResult(
        context,
        command,
        `Added cluster ${name}.`,
        accepted((await api.run(CliClusterCreateDocument, { input })).clusterCreate),
      )
    })
  cluster
    .command('rm')
    .argument('<name>')
    .description('remove a cluster, its replicas first')
    .option('--force', force, false)
    .action(async (name: string, options: { force: boolean }, command: Command) => {
      const api = await connect(context, command)
      const input = { cluster: name, force: options.force }
      printResult(
        context,
        command,
        `Removing cluster ${name}.`,
        accepted((await api.run(CliClusterDeleteDocument, { input })).clusterDelete),
      )
    })
}

type StoreOptions = AccessOptions &
  EventOptions & {
    readonly cluster: string
    readonly endpoint: string
    readonly accessKey: string
    readonly bucketNameTemplate?: string
  }
type StoreChange = AccessOptions &
  EventOptions & {
    readonly endpoint?: string
    readonly accessKey?: string
    readonly secretKey?: boolean
  }

/** What it can do, and what is weaker than it could be. */
const storeText = (
  said: string,
  { capabilities, hints }: { capabilities: readonly string[]; hints: readonly { message: string }[] },
) =>
  [
    `${said}${capabilities.length === 0 ? '' : ` (${capabilities.join(', ')})`}.`,
    ...hints.map(({ message }) => `  ${message}.`),
  ].join('\n')

function addStoreCommands(program: Command, context: CommandContext): void {
  const store = program
    .command('store')
    .description('add, change and remove storage deployments, and see what is on them')
  addStoreBuckets(store, context)
  addStoreEvents(store, context)
  const add = store
    .command('add')
    .argument('<name>', 'unique in the fleet')
    .description("add a cluster's store; it is tried first")
    .requiredOption('--cluster <name>', 'where it is')
    .requiredOption('--endpoint <url>', 'its S3 address, for example http://127.0.0.1:9010')
    .requiredOption('--access-key <key>')
    .option('--bucket-name-template <text>', 'names of new buckets there, with {bucket} in it')
  withEventOptions(withAccessOptions(add, false))
    .addHelpText('after', secretsHelp)
    .action(async (name: string, options: StoreOptions, command: Command) => {
      const { cluster, endpoint, accessKey, bucketNameTemplate, ...more } = options
      const api = await connect(context, command)
      const input = {
        ...{ name, cluster, endpoint, accessKey },
        ...(bucketNameTemplate === undefined ? {} : { bucketNameTemplate }),
        ...(await accessInput(more)),
        ...eventInput(more),
        ...(await readStoreSecrets(context.config)),
      }
      const payload = accepted((await api.run(CliStorageDeploymentAddDocument, { input })).storageDeploymentAdd)
      printResult(context, command, storeText(`Added store ${name}`, payload.storageDeployment), payload)
    })
  const update = store
    .command('update')
    .argument('<name>')
    .description('change a store, or try it again; nothing changes when it refuses the new values')
    .option('--endpoint <url>', 'its new S3 address')
    .option('--access-key <key>', 'with a new secret key')
    .option('--secret-key', 'read a new secret key')
  withEventOptions(withAccessOptions(update, true))
    .option('--no-skip-tls-verify', 'check its certificate again')
    .addHelpText('after', secretsHelp)
    .action(async (name: string, { endpoint, accessKey, secretKey, ...more }: StoreChange, command: Command) => {
      const api = await connect(context, command)
      const input = {
        name,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(accessKey === undefined ? {} : { accessKey }),
        ...(await accessInput(more)),
        ...eventInput(more),
        ...(accessKey === undefined && !secretKey ? {} : await readStoreSecrets(context.config)),
      }
      const payload = accepted((await api.run(CliStorageDeploymentUpdateDocument, { input })).storageDeploymentUpdate)
      printResult(context, command, storeText(`Store ${name} is as wanted`, payload.storageDeployment), payload)
    })
  store
    .command('rm')
    .argument('<name>')
    .description('remove a store, its replicas first')
    .option('--force', force, false)
    .action(async (name: string, options: { force: boolean }, command: Command) => {
      const api = await connect(context, command)
      const input = { name, force: options.force }
      const payload = accepted((await api.run(CliStorageDeploymentRemoveDocument, { input })).storageDeploymentRemove)
      printResult(context, command, `Removing store ${name}.`, payload)
    })
}

export function addFleetCommands(program: Command, context: CommandContext): void {
  addClusterCommands(program, context)
  addStoreCommands(program, context)
  addFunctionCommands(program, context)
}
