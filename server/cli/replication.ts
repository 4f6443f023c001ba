// `fado pause`, `fado resume`, `fado wait`.
import { type Command, InvalidArgumentError } from 'commander'
import {
  CliAwaitReplicatedDocument,
  type CliAwaitReplicatedQuery,
  CliReplicationPauseDocument,
  CliReplicationResumeDocument,
  type ReplicationScopeInput,
} from '../../graphql/generated/operations.ts'
import { listOf } from '../domain/reason.ts'
import { accepted } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'

type ScopeOptions = { readonly bucket?: string; readonly link?: readonly string[] }

function scopeOf({ bucket, link }: ScopeOptions): { scope: ReplicationScopeInput; text: string } {
  const [from, to, more] = link ?? []
  if (bucket !== undefined && link === undefined) return { scope: { bucket }, text: `the bucket ${bucket}` }
  if (bucket === undefined && from !== undefined && to !== undefined && more === undefined)
    return { scope: { link: { from, to } }, text: `the link ${from} -> ${to}` }
  throw new CommandFailure(exitCodes.usage, 'Say what: one of --bucket NAME, --link FROM TO')
}

const withScope = (command: Command) =>
  command
    .option('--bucket <name>', 'all copies of this bucket')
    .option('--link <store...>', 'all that goes from one store to another: --link hpc edge')

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** As long as one request may wait; who waits longer asks again. */
const longestAsk = 240

type Awaited = CliAwaitReplicatedQuery['awaitReplicated']

const namesOf = ({ replicas }: Awaited, done: boolean): string =>
  listOf(replicas.filter((replica) => replica.done === done).map(({ storageDeployment }) => storageDeployment.name))

function missing(bucket: string, seconds: number, answer: Awaited): string {
  const lacking = namesOf(answer, false)
  const who =
    lacking === ''
      ? 'there are fewer copies than that'
      : `${lacking} ${lacking.includes(' ') ? 'lack' : 'lacks'} something`
  return `Not within ${seconds} s: of ${bucket} ${who}. npx fado get waiting says what it waits for, npx fado get replicas what is in the way`
}

/** What was waited for has come about. Throws when it is not what was asked for: a key that exists, or with `deleted` none. */
function arrived(bucket: string, key: string | undefined, deleted: boolean, answer: Awaited): string {
  const on = namesOf(answer, true)
  const what = key === undefined ? bucket : `${key} of ${bucket}`
  if (key !== undefined && answer.exists === false) {
    if (deleted) return `${what} is deleted${on === '' ? '' : `, on ${on} too`}.`
    const hint = 'See to its spelling; to wait until its delete has arrived: --deleted'
    throw new CommandFailure(exitCodes.failed, `Neither the master of ${bucket} nor a replica has ${key}. ${hint}`)
  }
  if (deleted) throw new CommandFailure(exitCodes.failed, `${what} is not deleted: the master has it`)
  return `${what} is on ${on || 'no replica, and none is wanted'}.`
}

type WaitOptions = { readonly replicas?: number; readonly timeout: number; readonly deleted: boolean }

export function addReplicationCommands(program: Command, context: CommandContext): void {
  withScope(program.command('pause'))
    .description('copy nothing of a bucket, or over a link, until it is resumed; calls go on')
    .action(async (options: ScopeOptions, command: Command) => {
      const { scope: input, text } = scopeOf(options)
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliReplicationPauseDocument, { input })).replicationPause)
      printResult(context, command, `Paused ${text}: within 2 s nothing of it is copied any more.`, payload)
    })
  withScope(program.command('resume'))
    .description('let the copying of a bucket, or over a link, go on')
    .action(async (options: ScopeOptions, command: Command) => {
      const { scope: input, text } = scopeOf(options)
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliReplicationResumeDocument, { input })).replicationResume)
      printResult(context, command, `Resumed ${text}.`, payload)
    })
  program
    .command('wait')
    .argument('<bucket>')
    .argument('[key]', 'one object; without it all of the bucket')
    .description(
      'wait until replicas hold what the master has now; exit code 1 when the time is over, or nobody has the key',
    )
    .option('--replicas <number>', 'so many of them; without it all that are wanted', wholeNumber)
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, 30)
    .option('--deleted', 'the object was deleted: wait until no replica has it any more', false)
    .action(
      async (
        bucket: string,
        key: string | undefined,
        { replicas, timeout, deleted }: WaitOptions,
        command: Command,
      ) => {
        if (deleted && key === undefined)
          throw new CommandFailure(exitCodes.usage, '--deleted is about one object: fado wait BUCKET KEY --deleted')
        const api = await connect(context, command)
        const end = performance.now() + timeout * 1000
        for (;;) {
          const left = Math.max(0, Math.ceil((end - performance.now()) / 1000))
          const timeoutSeconds = Math.min(left, longestAsk)
          const input = { bucket, timeoutSeconds, key: key ?? null, replicas: replicas ?? null }
          const { awaitReplicated: answer } = await api.run(CliAwaitReplicatedDocument, { input }, timeoutSeconds)
          if (answer.done) return printResult(context, command, arrived(bucket, key, deleted, answer), answer)
          if (left <= longestAsk) throw new CommandFailure(exitCodes.failed, missing(bucket, timeout, answer))
        }
      },
    )
}
