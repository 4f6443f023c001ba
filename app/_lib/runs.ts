// Work on whole copies, as the console tells of it.
import type { ReplicationRunKind, ReplicationRunOutcome, RunPartsFragment } from '../../graphql/generated/operations.ts'
import { bytes, plural } from './format.ts'

const works: Readonly<Record<ReplicationRunKind, string>> = {
  FIRST_SYNC: 'first copy',
  SWEEP: 'comparison',
  EVICT: 'removal',
  RELEASE: 'letting go',
  MASTER_SWEEP: 'look at the master',
  MASTER_REBUILD: 'rebuild of the master',
  MASTER_DELETE: "removal of the master's data",
}

export const workOf = ({ kind }: Pick<RunPartsFragment, 'kind'>): string => works[kind]

const outcomes: Readonly<Record<ReplicationRunOutcome, { readonly word: string; readonly tone: string }>> = {
  RUNNING: { word: 'goes on', tone: 'text-accent' },
  DONE: { word: 'done', tone: '' },
  FAILED: { word: 'failed', tone: 'text-bad' },
  POSTPONED: { word: 'put off', tone: 'text-warn' },
  SUPERSEDED: { word: 'other work took its place', tone: 'text-ink-3' },
  LOST: { word: 'lost its mover', tone: 'text-warn' },
}

export const outcomeOf = ({ outcome }: Pick<RunPartsFragment, 'outcome'>) => outcomes[outcome]

type Figures = Pick<RunPartsFragment, 'kind' | 'outcome' | 'objectsFound' | 'bytesFound' | 'objectsDone' | 'bytesDone'>

const amount = (objects: number, size: number | null): string =>
  size === null || size === 0 ? plural(objects, 'object') : `${plural(objects, 'object')}, ${bytes(size)}`

/** What it found and did; null: it did not come to that. */
export function figuresOf({ kind, objectsFound, bytesFound, objectsDone, bytesDone }: Figures): string | null {
  if (objectsFound === null) return null
  switch (kind) {
    case 'SWEEP':
    case 'MASTER_SWEEP':
      return objectsFound === 0 ? 'nothing was missed' : `${amount(objectsFound, bytesFound)} to look at`
    case 'EVICT':
      return objectsDone === null ? `${amount(objectsFound, null)} to delete` : `${amount(objectsDone, null)} deleted`
    case 'FIRST_SYNC':
      if (objectsFound === 0) return 'nothing to copy'
      // Not all of it was copied where a copy was taken over.
      return objectsDone === null
        ? `${amount(objectsFound, bytesFound)} to copy`
        : `${amount(objectsDone, bytesDone)} there`
    default:
      if (objectsFound === 0) return 'nothing to copy'
      return objectsDone === null
        ? `${amount(objectsFound, bytesFound)} to copy`
        : `${amount(objectsDone, bytesDone)} copied`
  }
}
