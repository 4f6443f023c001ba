// The command line of `fado`: what there is, and how it is called. What the commands of this machine do is handed in.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config.ts'
import { type LinkRule, parseLinkRules } from '../domain/links/served-links.ts'
import { addBucketCommands } from './bucket.ts'
import { addCallerCommands } from './caller.ts'
import type { Given } from './connection.ts'
import { addExplainCommands } from './explain.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { addFleetCommands } from './fleet.ts'
import { addGetCommands } from './get.ts'
import { addObjectCommands } from './object.ts'
import { addPolicyCommands } from './policy.ts'
import { addProxyCommands } from './proxy.ts'
import { addReplicationCommands } from './replication.ts'
import { addTokenCommands } from './token.ts'
import { addWhoami } from './whoami.ts'

export type DemoMode = 'run' | 'check' | 'empty'
export type Role = 'all' | 'control' | 'mover'
export type FunctionServerSettings = {
  readonly cluster: string
  readonly address: string
  readonly port: number
  readonly store: string
}

type ListenAddress = { readonly address: string; readonly port: number }
export type EnvoyBootstrapSettings = {
  readonly nodeId: string
  readonly tokenFile?: string
  /** Paths as the Envoy finds them. */
  readonly caFile?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly xds?: readonly ListenAddress[]
  readonly admin?: ListenAddress
}

/** Resolves to the exit code when all is done. */
type Action<Arguments extends readonly unknown[]> = (...args: Arguments) => Promise<number>

/** The commands that start or look at something on this machine. */
export type LocalCommands = {
  readonly serve: Action<[role: Role, links: readonly LinkRule[] | null]>
  readonly demo: Action<[mode: DemoMode]>
  readonly doctor: Action<[asJson: boolean, given: Given]>
  readonly envoyBootstrap: Action<[settings: EnvoyBootstrapSettings]>
  readonly functionServer: Action<[settings: FunctionServerSettings]>
}

export type ProgramOptions = {
  readonly config: Config
  readonly version: string
  readonly local: LocalCommands
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
  readonly readerGone: AbortSignal
}

const exitHelp = `
Exit codes:
  0  done
  1  failed
  2  the command line is wrong
  3  FaDO refused it; the message ends with its code
  4  FaDO or its database cannot be reached, or it does not take the token

FaDO is found by --server and --token, by FADO_URL and FADO_TOKEN, else by what runs from this directory (FADO_STATE_DIR).`

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be a port number.')
  return value
}

/** `fado.example.org:18000`, `[::1]:18000`. */
function place(text: string): ListenAddress {
  const [, inBrackets, plain, number = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const address = inBrackets ?? plain
  if (address === undefined) throw new InvalidArgumentError('It must be HOST:PORT, for example fado.example.org:18000.')
  return { address, port: port(number) }
}

function nodeName(text: string): string {
  if (text.trim() === '' || text.length > 255) throw new InvalidArgumentError('It must be 1 to 255 characters.')
  return text
}

function linkRules(text: string): readonly LinkRule[] {
  try {
    return parseLinkRules(text)
  } catch (error) {
    throw new InvalidArgumentError(`${error instanceof Error ? error.message : String(error)}.`)
  }
}

function addLocalCommands(program: Command, local: LocalCommands, end: (code: number) => void): void {
  program
    .command('serve')
    .description('run the control plane with its console, and a mover')
    .addOption(
      new Option('--role <role>', 'only one of the two, to split them over machines')
        .choices(['all', 'control', 'mover'])
        .default('all'),
    )
    .option(
      '--links <links>',
      'with --role mover: work on these only, by the stores of both ends: hpc->edge,*->cloud (in quotes)',
      linkRules,
    )
    .action(async ({ role, links }: { role: Role; links?: readonly LinkRule[] }) => {
      if (links !== undefined && role !== 'mover')
        throw new CommandFailure(exitCodes.usage, '--links goes with --role mover')
      end(await local.serve(role, links ?? null))
    })
  program
    .command('demo')
    .description('run everything on this machine: PostgreSQL, three stores, three function servers, Envoy, FaDO')
    .addOption(new Option('--check', 'make one routed call per bucket, stop all, exit 0 or 1').conflicts('empty'))
    .option('--empty', 'forget what an earlier run left; no cluster is registered')
    .addHelpText('after', '\nFADO_DEMO_PORT_BASE=N moves all ports to N to N+99, FADO_STATE_DIR all files.')
    .action(async ({ check, empty }: { check?: boolean; empty?: boolean }) =>
      end(await local.demo(check ? 'check' : empty ? 'empty' : 'run')),
    )
  program
    .command('doctor')
    .description('look whether this machine has what FaDO needs and all is well in the fleet, and say what cures it')
    .action(async (_options: unknown, command: Command) => {
      const { output, ...given } = command.optsWithGlobals<Given & { output?: string }>()
      end(await local.doctor(output === 'json', given))
    })
  program
    .command('envoy')
    .description('connect an Envoy of yours (docs/envoy.md)')
    .command('bootstrap')
    .description('print what an Envoy starts with, as JSON for envoy -c; it holds the token')
    .requiredOption('--node-id <name>', 'names this Envoy; unique in the fleet', nodeName)
    .option('--token-file <file>', 'holds a token of the role PROXY')
    .option('--ca-file <file>', 'where xDS is served over TLS: the authorities (PEM) that signed what FaDO shows')
    .option('--client-certificate <file>', 'what proves who this Envoy is, in place of a token (PEM)')
    .option('--client-key <file>', 'its private key (PEM)')
    .option(
      '--xds <host:port>',
      'where it reaches FaDO, once for each control plane; default: FADO_XDS_ADDRESS and FADO_XDS_PORT',
      (text: string, before: readonly ListenAddress[] = []) => [...before, place(text)],
    )
    .option(
      '--admin <host:port>',
      "Envoy's admin interface, to be kept on loopback; default: 127.0.0.1 and FADO_ENVOY_ADMIN_PORT",
      place,
    )
    .action(async (settings: EnvoyBootstrapSettings) => {
      if (settings.tokenFile === undefined && settings.clientCertificate === undefined)
        throw new CommandFailure(
          exitCodes.usage,
          'Say how this Envoy proves who it is: with --token-file, or with --client-certificate, --client-key and --ca-file',
        )
      end(await local.envoyBootstrap(settings))
    })
  program
    .command('function-server')
    .description(
      'a function platform to try FaDO with (FADO_STORE_ACCESS_KEY and FADO_STORE_SECRET_KEY open its store)',
    )
    .requiredOption('--cluster <name>', 'the cluster that it tells')
    .requiredOption('--store <url>', 'the S3 address of its cluster')
    .option('--address <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'where to listen; 0: a free one', port, 9101)
    .action(async (settings: FunctionServerSettings) => end(await local.functionServer(settings)))
}

/** FaDO names the fields of its input, such as jwksUrl; who typed the command knows its options. */
function inOptions(refusal: string, command: Command | undefined): string {
  const flags = new Map(command?.options.map((option) => [option.attributeName(), option.long]))
  return refusal.replace(/\b[a-z]+(?:[A-Z][a-z]*)+\b/g, (field) => flags.get(field) ?? field)
}

/** `command`: the one that was typed; undefined: there is none. */
function exitCodeOf(error: unknown, command: Command | undefined, printError: (text: string) => void): number {
  // Commander has printed its own: help, the version, or what is wrong with the command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  if (!(error instanceof CommandFailure)) throw error
  printError(`fado: ${error.code === undefined ? error.message : inOptions(error.message, command)}`)
  return error.exitCode
}

/** Runs one command line (without node and program) and resolves to its exit code; throws what no command expected. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<number> {
  const { config, version, local, print, printError, readerGone } = options
  let code: number = exitCodes.done
  let typed: Command | undefined
  const program = new Command('fado')
    .description('Functions run where their data is: FaDO replicates buckets by policy and routes each call to a copy.')
    .version(version)
    .option('--server <url>', 'the FaDO to speak to')
    .option('--token <token>', 'its token')
    .addOption(new Option('-o, --output <format>', 'what scripts can read').choices(['json']))
    .addHelpText('after', exitHelp)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(text.trimEnd()),
      writeErr: (text) => printError(text.trimEnd()),
      // As all that a command says of a failure begins.
      outputError: (text, write) => write(text.replace(/^error: /, 'fado: ')),
    })
  program.hook('preAction', (_program, command) => {
    typed = command
  })
  addLocalCommands(program, local, (result) => {
    code = result
  })
  const context = { config, print, readerGone }
  addGetCommands(program, context)
  addBucketCommands(program, context)
  addObjectCommands(program, context)
  addPolicyCommands(program, context)
  addReplicationCommands(program, context)
  addExplainCommands(program, context)
  addProxyCommands(program, context)
  addFleetCommands(program, context)
  addTokenCommands(program, context)
  addCallerCommands(program, context)
  addWhoami(program, context)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return exitCodeOf(error, typed, printError)
  }
}
