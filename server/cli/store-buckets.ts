// `fado store buckets`.
import type { Command } from 'commander'
import { CliStoreBucketsDocument, type CliStoreBucketsQuery } from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { allPages } from './api.ts'
import { type CommandContext, connect, rowsAsText } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import type { Column } from './output.ts'

type Bucket = NonNullable<CliStoreBucketsQuery['storageDeployment']>['unmanagedBuckets']['nodes'][number]

/** The store answers many questions for each. */
const pageSize = 25

const atLeast = ({ sample }: Bucket, text: (sample: NonNullable<Bucket['sample']>) => string) =>
  sample === null ? 'unknown' : `${sample.whole ? '' : '>= '}${text(sample)}`

const columns: readonly Column<Bucket>[] = [
  { title: 'BUCKET', of: ({ name }) => name },
  { title: 'MADE', of: ({ createdAt }) => createdAt },
  { title: 'OBJECTS', of: (bucket) => atLeast(bucket, ({ objects }) => String(objects)) },
  { title: 'SIZE', of: (bucket) => atLeast(bucket, (sample) => bytes(sample.bytes)) },
  { title: 'A REPLICA WOULD LACK', of: ({ warnings }) => warnings.map(({ message }) => message).join('; ') },
]

export function addStoreBuckets(store: Command, context: CommandContext): void {
  store
    .command('buckets')
    .argument('<name>')
    .description('the buckets of a store that FaDO does not look after; `fado bucket adopt` takes one')
    .action(async (name: string, _options: unknown, command: Command) => {
      const api = await connect(context, command)
      const all = await allPages(async (after) => {
        const { storageDeployment } = await api.run(CliStoreBucketsDocument, { name, first: pageSize, after })
        if (storageDeployment !== null) return storageDeployment.unmanagedBuckets
        throw new CommandFailure(exitCodes.refused, `There is no storage deployment ${name} (NOT_FOUND)`)
      })
      context.print(rowsAsText(command, columns, all))
    })
}
