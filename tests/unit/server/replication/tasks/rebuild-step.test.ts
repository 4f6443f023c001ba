import { expect, test } from 'vitest'
import type { JournalEntry } from '../../../../../server/db/copies/read-journal.ts'
import { rebuildStep } from '../../../../../server/replication/tasks/rebuild-step.ts'

const journal: JournalEntry = {
  key: 'k',
  state: 'there',
  sourceEtag: 'new',
  sourceModified: 50_000,
  carried: 'c',
  size: 1,
  targetEtag: 't',
  targetModified: 51_000,
  targetCarried: 'c',
  uploadId: null,
  verified: true,
  waiting: false,
  deleteTold: false,
  older: true,
}
const copy = { etag: 't' }

test('what the master lacks is written only if nothing is there, what it has older only over just that', () => {
  expect(rebuildStep(journal, copy, undefined, null)).toEqual({ step: 'copy', replaced: null })
  const old = { etag: 'old', lastModified: 40_000 }
  expect(rebuildStep(journal, copy, old, null)).toEqual({ step: 'copy', replaced: 'old' })
})

test('newer wins, and so does what was written since the store is back, whatever its clock says', () => {
  expect(rebuildStep(journal, copy, { etag: 'x', lastModified: 60_000 }, null)).toEqual({ step: 'keep' })
  expect(rebuildStep(journal, copy, { etag: 'x', lastModified: 40_000 }, 30_000)).toEqual({ step: 'keep' })
  expect(rebuildStep(journal, copy, { etag: 'new', lastModified: 50_000 }, null)).toEqual({ step: 'nothing' })
})

test('only what FaDO wrote and verified is taken, as it wrote it', () => {
  expect(rebuildStep(journal, { etag: 'changed' }, undefined, null)).toEqual({ step: 'unfit' })
  expect(rebuildStep(journal, undefined, undefined, null)).toEqual({ step: 'unfit' })
  expect(rebuildStep(undefined, copy, undefined, null)).toBeUndefined()
  for (const state of ['foreign', 'conflict', 'writing', 'deleting', 'left', 'refused'] as const)
    expect(rebuildStep({ ...journal, state }, copy, undefined, null)).toBeUndefined()
  expect(rebuildStep({ ...journal, verified: false }, copy, undefined, null)).toBeUndefined()
})
