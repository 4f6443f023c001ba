// What `fado get links` and `fado get waiting` show.
import {
  CliLinksDocument,
  type CliLinksQuery,
  CliWaitingDocument,
  type CliWaitingQuery,
} from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { roughDuration } from '../domain/duration-words.ts'
import type { Api } from './api.ts'
import type { Column } from './output.ts'

export type ListedLink = CliLinksQuery['links'][number]
/** One thing that a copy waits for. */
type Wait = CliWaitingQuery['waitingReplicas'][number]['waiting'][number] & {
  readonly bucket: string
  readonly store: string
}

export async function loadLinks(api: Api): Promise<readonly ListedLink[]> {
  const { links } = await api.run(CliLinksDocument, {})
  return links
}

/** Money of any kind, to a hundredth. */
const costWords = (cost: number): string => cost.toFixed(2)

export const linkColumns: readonly Column<ListedLink>[] = [
  { title: 'FROM', of: ({ from }) => from.name },
  { title: 'TO', of: ({ to }) => to.name },
  { title: 'PAUSED', of: ({ paused }) => (paused ? 'yes' : 'no') },
  { title: 'SPEED', of: ({ bytesPerSecond }) => (bytesPerSecond === null ? null : `${bytes(bytesPerSecond)}/s`) },
  { title: 'LIMIT', of: ({ limit }) => (limit.bytesPerSecond === null ? null : `${bytes(limit.bytesPerSecond)}/s`) },
  { title: 'WINDOW', of: ({ windows }) => windows.map(({ message }) => message).join('; ') || null },
  {
    title: 'AT ONCE',
    of: ({ concurrency }) => (concurrency === null ? null : `${concurrency.inUse}/${concurrency.limit}`),
  },
  { title: 'LOWERED BY', of: ({ concurrency }) => concurrency?.lowered?.reason.message ?? null },
  { title: 'COPIES', of: ({ copies }) => copies },
  { title: 'MOVERS', of: ({ movers }) => movers },
  { title: 'MOVING', of: ({ moving }) => moving },
  {
    title: 'COMPARED',
    of: ({ comparing }) => comparing && `${comparing.objectsDone} of ${comparing.objectsTotal}`,
  },
  { title: 'WAITING', of: ({ waiting }) => waiting.objects },
  { title: 'SIZE', of: ({ waiting }) => bytes(waiting.bytes) },
  { title: 'THIS MONTH', of: ({ month }) => bytes(month.bytes) },
  { title: 'COST', of: ({ month }) => (month.cost === null ? null : costWords(month.cost)) },
  { title: 'CHOSEN FOR', of: ({ reasons }) => reasons.map(({ code }) => code).join(', ') },
]

const mostWaiting = 100

/** A line for each thing that a copy waits for. */
export async function loadWaiting(api: Api): Promise<Wait[]> {
  const { waitingReplicas } = await api.run(CliWaitingDocument, { first: mostWaiting })
  return waitingReplicas.flatMap(({ waiting, bucket, storageDeployment }) =>
    waiting.map((wait) => ({ ...wait, bucket: bucket.name, store: storageDeployment.name })),
  )
}

export const waitColumns: readonly Column<Wait>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket },
  { title: 'STORE', of: ({ store }) => store },
  { title: 'OBJECTS', of: ({ objects }) => objects },
  { title: 'SIZE', of: (wait) => bytes(wait.bytes) },
  { title: 'ABOUT', of: ({ etaSeconds }) => (etaSeconds === null ? null : roughDuration(etaSeconds)) },
  { title: 'WAITS FOR', of: ({ reason }) => reason.message },
]
