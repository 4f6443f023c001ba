// `fado function`.
import { type Command, Option } from 'commander'
import {
  CliFaasDeploymentAddDocument,
  CliFaasDeploymentDocument,
  CliFaasDeploymentRemoveDocument,
  CliFaasDeploymentUpdateDocument,
} from '../../graphql/generated/operations.ts'
import { type FaasKind, faasKinds, platforms } from '../domain/fleet/platform.ts'
import { type Api, accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import {
  callInput,
  type FunctionCallOptions,
  functionSecretsHelp,
  withCallOptions,
  withTakingAway,
} from './function-options.ts'

const kindsHelp = `
Kinds:
${faasKinds.map((kind) => `  ${kind.padEnd(24)}${platforms[kind].description}`).join('\n')}`

const examples = `
Examples:
  fado function add --cluster hpc --url http://10.0.0.5:8080
  fado function add --cluster cloud --kind AWS_LAMBDA --url https://lambda.eu-central-1.amazonaws.com \\
    --functions resize,blur --aws-access-key AKIA... --aws-region eu-central-1 < secret-key
  fado function add --cluster azure --kind AZURE_FUNCTIONS --url https://app.azurewebsites.net \\
    --key-header x-functions-key < key
  fado function add --cluster lab --kind HTTP --url https://functions.lab.example --path-template '/run/{name}{rest}' \\
    --ca-file ca.pem --client-certificate fado.pem --client-key fado.key
  fado function add --cluster lab --kind HTTP --url http://10.0.0.6:50051 --takes grpc --functions greeter`

const updateExamples = `
Examples:
  fado function update ID --functions resize,blur,rotate
  fado function update ID --bearer < token
  fado function update ID --aws-access-key AKIA... < secret-key
  fado function update ID --path-template default --no-auth --no-tls --any-function`

type AddOptions = FunctionCallOptions & { readonly cluster: string; readonly url: string; readonly kind: FaasKind }
type UpdateOptions = FunctionCallOptions & { readonly url?: string }

const idHelp = 'as `fado get functions` shows it'

/** Of one that can be used, but. */
const withHints = (said: string, hints: readonly { readonly message: string }[]): string =>
  [said, ...hints.map(({ message }) => `  ${message}.`)].join('\n')

/** Whether certificates are checked stays as it was, unless it was said: the API takes all of what is true or false anew. */
async function keptSkip(api: Api, id: string, { tls }: Awaited<ReturnType<typeof callInput>>) {
  if (!tls || tls.skipVerify !== undefined) return {}
  const { node } = await api.run(CliFaasDeploymentDocument, { id })
  return { tls: { ...tls, skipVerify: node?.__typename === 'FaasDeployment' && node.tls?.skipVerify === true } }
}

/** Where its functions are stays as it was, unless it was said: the API takes all of a proof anew. */
async function keptPlace(api: Api, id: string, { awsAccessKey, awsRegion, awsService }: FunctionCallOptions) {
  if (awsAccessKey === undefined || (awsRegion !== undefined && awsService !== undefined)) return {}
  const { node } = await api.run(CliFaasDeploymentDocument, { id })
  const auth = node?.__typename === 'FaasDeployment' ? node.auth : null
  if (auth?.kind !== 'AWS_SIGV4') return {}
  const { region, service } = auth
  return { ...(region === null ? {} : { awsRegion: region }), ...(service === null ? {} : { awsService: service }) }
}

export function addFunctionCommands(program: Command, context: CommandContext): void {
  const functions = program.command('function').description('add, change and remove function deployments')
  const add = functions
    .command('add')
    .description("add a cluster's function platform")
    .requiredOption('--cluster <name>', 'where it is')
    .requiredOption('--url <url>', 'its address, for example http://127.0.0.1:9101')
    .addOption(new Option('--kind <kind>', 'its platform').choices(faasKinds).default('OPENFAAS'))
  withCallOptions(add, false)
    .addHelpText('after', `${kindsHelp}\n${examples}\n${functionSecretsHelp}`)
    .action(async ({ cluster, url, kind, ...options }: AddOptions, command: Command) => {
      const api = await connect(context, command)
      const input = { cluster, url, kind, ...(await callInput(options, context.config)) }
      const payload = accepted((await api.run(CliFaasDeploymentAddDocument, { input })).faasDeploymentAdd)
      const said = withHints(`Added functions at ${url} to ${cluster}.`, payload.faasDeployment.hints)
      printResult(context, command, said, payload)
    })
  const update = functions
    .command('update')
    .argument('<id>', idHelp)
    .description('change how a function platform is called; what is left out stays')
    .option('--url <url>', 'its new address')
  withTakingAway(withCallOptions(update, true))
    .addHelpText('after', `${updateExamples}\n${functionSecretsHelp}`)
    .action(async (id: string, { url, ...options }: UpdateOptions, command: Command) => {
      const api = await connect(context, command)
      const input = await callInput({ ...(await keptPlace(api, id, options)), ...options }, context.config)
      const changes = { ...(url === undefined ? {} : { url }), ...input, ...(await keptSkip(api, id, input)) }
      if (Object.keys(changes).length === 0) throw new CommandFailure(exitCodes.usage, 'Say what is to be changed')
      const payload = accepted(
        (await api.run(CliFaasDeploymentUpdateDocument, { input: { id, ...changes } })).faasDeploymentUpdate,
      )
      const { url: now, hints } = payload.faasDeployment
      printResult(context, command, withHints(`Functions at ${now} are called as wanted.`, hints), payload)
    })
  functions
    .command('rm')
    .argument('<id>', idHelp)
    .description('remove a function platform')
    .action(async (id: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliFaasDeploymentRemoveDocument, { input: { id } })).faasDeploymentRemove)
      printResult(context, command, `Removed functions ${id}.`, payload)
    })
}
