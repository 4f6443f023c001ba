// `fado object`.
import type { Command } from 'commander'
import {
  CliFolderDocument,
  CliObjectDeleteDocument,
  CliObjectDocument,
  CliObjectPageDocument,
} from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { type Api, accepted, createApi } from './api.ts'
import { type CommandContext, connect, printResult, targetOf, wantsJson } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { getObject } from './objects/get-object.ts'
import { createProgress } from './objects/progress.ts'
import { type PutTo, putObject, sourceOf } from './objects/put-object.ts'
import { createWays } from './objects/ways.ts'
import { json } from './output.ts'

type Pair = readonly [name: string, value: string]
function pair(text: string, before: readonly Pair[] = []): readonly Pair[] {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandFailure(exitCodes.usage, `It must be name=value: "${text}"`)
  return [...before, [text.slice(0, at), text.slice(at + 1)]]
}

const note = (text: string) => void process.stderr.write(`fado: ${text}\n`)
/** Control characters of a key do not reach the terminal; -o json has them. */
const shown = (key: string) => key.replace(/\p{Cc}/gu, '\ufffd')
const lastPart = (key: string) => key.split('/').findLast((part) => part !== '') ?? 'object'

async function reach(context: CommandContext, command: Command) {
  const target = await targetOf(context, command)
  return { api: createApi(target), ways: createWays(target, note) }
}

type PutOptions = { contentType: string; metadata?: readonly Pair[]; tag?: readonly Pair[] }

function addPut(object: Command, context: CommandContext): void {
  object
    .command('put')
    .argument('<bucket>')
    .argument('<key>', 'with a slash at its end: the name of the file is added')
    .argument('<file>', '- is standard input')
    .description('upload a file straight to the master; the same again goes on where it was cut')
    .option('--content-type <type>', 'what it is', 'application/octet-stream')
    .option('--metadata <name=value>', 'user metadata; may be repeated', pair)
    .option('--tag <key=value>', 'a tag; may be repeated', pair)
    .action(async (bucket: string, given: string, file: string, options: PutOptions, command: Command) => {
      const { api, ways } = await reach(context, command)
      const key = given.endsWith('/') && file !== '-' ? `${given}${lastPart(file)}` : given
      const to: PutTo = {
        ...{ bucket, key, contentType: options.contentType },
        metadata: (options.metadata ?? []).map(([name, value]) => ({ name, value })),
        tags: (options.tag ?? []).map(([name, value]) => ({ key: name, value })),
      }
      const source = await sourceOf(file, process.stdin)
      const progress = createProgress(shown(key))
      try {
        const put = await putObject(api, ways, to, source, progress.tell)
        progress.end()
        printResult(context, command, `Put ${shown(key)} in ${bucket}: ${bytes(put.size)}.`, put)
      } finally {
        progress.end()
        await source.end()
      }
    })
}

function addGet(object: Command, context: CommandContext): void {
  object
    .command('get')
    .argument('<bucket>')
    .argument('<key>')
    .argument('[file]', 'where to; - is standard output; default: the last part of the key')
    .description('download an object from a store that holds it in sync')
    .option('--store <name>', 'only from this storage deployment')
    .action(
      async (bucket: string, key: string, file: string | undefined, options: { store?: string }, command: Command) => {
        const { api, ways } = await reach(context, command)
        const to = file ?? lastPart(key)
        const progress = createProgress(shown(key))
        const from = { bucket, key, store: options.store }
        const size = await getObject(api, ways, from, to, progress.tell).finally(progress.end)
        if (to !== '-') printResult(context, command, `Got ${to}: ${bytes(size)}.`, { key, file: to, size })
      },
    )
}

type Listed = {
  key: string
  size: number | null
  lastModified: string | null
  contentType: string | null
  etag: string | null
}
type Page = { readonly rows: readonly Listed[]; readonly next: string | null }
const pageSize = 100

const noBucket = (name: string) => new CommandFailure(exitCodes.refused, `There is no bucket ${name} (NOT_FOUND)`)

async function listPage(
  api: Api,
  name: string,
  prefix: string,
  recursive: boolean,
  after: string | null,
): Promise<Page> {
  const variables = { name, prefix, first: pageSize, after }
  const nextOf = (info: { hasNextPage: boolean; endCursor: string | null }) =>
    info.hasNextPage ? info.endCursor : null
  if (recursive) {
    const { bucket } = await api.run(CliObjectPageDocument, variables)
    if (bucket === null) throw noBucket(name)
    return { rows: bucket.objects.nodes, next: nextOf(bucket.objects.pageInfo) }
  }
  const { bucket } = await api.run(CliFolderDocument, variables)
  if (bucket === null) throw noBucket(name)
  const none = { size: null, lastModified: null, contentType: null, etag: null }
  const rows = bucket.folder.nodes.map(({ key, object }) => ({ key, ...(object ?? none) }))
  return { rows, next: nextOf(bucket.folder.pageInfo) }
}

const line = ({ key, size, lastModified }: Listed) =>
  `${(lastModified ?? '').padEnd(24)}  ${(size === null ? '-' : bytes(size)).padStart(7)}  ${shown(key)}`

function addLs(object: Command, context: CommandContext): void {
  object
    .command('ls')
    .argument('<bucket>')
    .description('list objects; what lies behind the next slash is one folder')
    .option('--prefix <text>', 'only keys that begin so, such as 2026/', '')
    .option('-r, --recursive', 'all of them, without folders', false)
    .action(async (bucket: string, options: { prefix: string; recursive: boolean }, command: Command) => {
      const api = await connect(context, command)
      const all: Listed[] = []
      for (let after: string | null = null; !context.readerGone.aborted; ) {
        const page = await listPage(api, bucket, options.prefix, options.recursive, after)
        // As they come: a bucket may have millions.
        if (wantsJson(command)) all.push(...page.rows)
        else if (page.rows.length > 0) context.print(page.rows.map(line).join('\n'))
        if (page.next === null) break
        after = page.next
      }
      if (wantsJson(command)) context.print(json(all))
    })
}

/** A request of FaDO's has at most a megabyte, and a key up to six kilobytes in JSON. */
const keysAtOnce = 150

function addRm(object: Command, context: CommandContext): void {
  object
    .command('rm')
    .argument('<bucket>')
    .argument('<keys...>')
    .description('delete objects at the master; the copies follow')
    .action(async (bucket: string, keys: string[], _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const deleted: string[] = []
      const failed: { key: string; message: string }[] = []
      for (let from = 0; from < keys.length; from += keysAtOnce) {
        const input = { bucket, keys: keys.slice(from, from + keysAtOnce) }
        const answer = accepted((await api.run(CliObjectDeleteDocument, { input })).objectDelete)
        deleted.push(...answer.deleted)
        failed.push(...answer.failed)
      }
      const one = deleted.length === 1 ? shown(deleted[0] ?? '') : `${deleted.length} objects`
      printResult(context, command, `Deleted ${one} in ${bucket}.`, { deleted, failed })
      if (failed.length === 0) return
      const why = failed.map(({ key, message }) => `${shown(key)}: ${message}`).join('\n')
      throw new CommandFailure(exitCodes.refused, `${failed.length} could not be deleted:\n${why}`)
    })
}

function addStat(object: Command, context: CommandContext): void {
  object
    .command('stat')
    .argument('<bucket>')
    .argument('<key>')
    .description('show what is known of an object, and which copies hold it in sync')
    .action(async (bucket: string, key: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const { bucket: found } = await api.run(CliObjectDocument, { name: bucket, key })
      if (found === null) throw noBucket(bucket)
      const { object: seen } = found
      if (seen === null)
        throw new CommandFailure(exitCodes.refused, `There is no object ${shown(key)} in ${bucket} (NOT_FOUND)`)
      const lines: (readonly [string, string])[] = [
        ['key', shown(seen.key)],
        ['size', `${bytes(seen.size)} (${seen.size})`],
        ['type', seen.contentType ?? '-'],
        ['changed', seen.lastModified],
        ['etag', seen.etag],
        ...seen.metadata.map(({ name, value }) => [`metadata ${name}`, shown(value)] as const),
        ...seen.tags.map((tag) => [`tag ${shown(tag.key)}`, shown(tag.value)] as const),
        ...seen.copies.map(({ storageDeployment: { name }, isMaster, inSync, from }) => {
          const lent = from === null ? '' : `, copied from ${from.name}`
          return [`on ${name}`, isMaster ? 'master' : inSync ? `in sync${lent}` : 'not this version yet'] as const
        }),
      ]
      const width = Math.max(...lines.map(([head]) => head.length))
      printResult(context, command, lines.map(([head, text]) => `${head.padEnd(width)}  ${text}`).join('\n'), seen)
    })
}

export function addObjectCommands(program: Command, context: CommandContext): void {
  const object = program.command('object').description('put, get, list and delete objects')
  for (const add of [addPut, addGet, addLs, addRm, addStat]) add(object, context)
}
