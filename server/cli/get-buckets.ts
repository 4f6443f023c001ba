// What `fado get buckets` shows.
import { CliBucketsDocument, type CliBucketsQuery } from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { isReason } from '../domain/reason.ts'
import { type Api, allPages } from './api.ts'
import { pageSize } from './get-clusters.ts'
import type { Column } from './output.ts'

export type Bucket = CliBucketsQuery['buckets']['nodes'][number]

export const readBuckets = (api: Api): Promise<Bucket[]> =>
  allPages(async (after) => (await api.run(CliBucketsDocument, { first: pageSize, after })).buckets)

export const list = (texts: readonly string[]) => texts.join(', ')

/** What is being deleted is placed no more, whatever was decided last. */
const placementWord = ({ placement }: Bucket) =>
  placement.reasons.some((reason) => isReason(reason, 'DELETING')) ? 'DELETING' : placement.condition

/** What a master lost that went backwards, and what is done about it. */
function regressText({ regressed, rebuild }: Bucket['master']): string | null {
  if (regressed === null) return null
  const found = `${regressed.missing} gone, ${regressed.older} older`
  if (regressed.choice === null) return `${found}: npx fado bucket resolve`
  if (regressed.choice === 'ACCEPT') return `${found}: accepted`
  const done = rebuild === null || rebuild.endedAt !== null ? '' : ` ${rebuild.objectsDone} of ${rebuild.objectsTotal}`
  return `${found}: rebuilding${done}`
}

export const bucketColumns: readonly Column<Bucket>[] = [
  { title: 'BUCKET', of: ({ name }) => name },
  { title: 'MASTER', of: ({ master }) => master.storageDeployment.name },
  { title: 'REPLICAS', of: ({ replicas }) => list(replicas.map((replica) => replica.storageDeployment.name)) },
  { title: 'OBJECTS', of: ({ stats }) => stats?.objects },
  { title: 'SIZE', of: ({ stats }) => (stats === null ? null : bytes(stats.bytes)) },
  { title: 'PLACEMENT', of: placementWord },
  { title: 'BECAUSE', of: ({ placement }) => list([...new Set(placement.reasons.map(({ code }) => code))]) },
  { title: 'REGRESSED', of: ({ master }) => regressText(master) },
  { title: 'ROUTE', of: ({ route }) => route.state },
]
