// What `fado get runs` shows.
import { CliRunsDocument, type CliRunsQuery } from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { durationWords } from '../domain/duration-words.ts'
import type { Api } from './api.ts'
import type { Column } from './output.ts'

type Run = CliRunsQuery['replicationRuns']['nodes'][number]

const most = 100

export async function loadRuns(api: Api, bucket?: string): Promise<readonly Run[]> {
  const filter = bucket === undefined ? {} : { bucket, quiet: true }
  return (await api.run(CliRunsDocument, { filter, first: most })).replicationRuns.nodes
}

const amount = (objects: number | null, size: number | null): string | null =>
  objects === null ? null : size === null ? `${objects}` : `${objects} (${bytes(size)})`

export const runColumns: readonly Column<Run>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket.name },
  { title: 'STORE', of: ({ storageDeployment }) => storageDeployment.name },
  { title: 'WORK', of: ({ kind }) => kind.toLowerCase() },
  { title: 'OUTCOME', of: ({ outcome }) => outcome.toLowerCase() },
  { title: 'RUNS', of: ({ runs }) => runs },
  { title: 'BEGAN', of: ({ beganAt }) => beganAt },
  {
    title: 'TOOK',
    of: ({ seconds }) => (seconds < 1 ? `${Math.round(seconds * 1000)} ms` : durationWords(Math.round(seconds))),
  },
  { title: 'FOUND', of: (run) => amount(run.objectsFound, run.bytesFound) },
  { title: 'DONE', of: (run) => amount(run.objectsDone, run.bytesDone) },
  { title: 'WHY', of: ({ cause }) => cause?.message },
]
