// The step `note` of one key: only the journal changes. A conflict, and a refusal, also make themselves known.
import { putJournal } from '../../db/copies/journal-edits.ts'
import { conflictKindOf, type JournalRow } from '../../db/copies/journal-row.ts'
import { noteConflict } from '../../db/copies/replica.ts'
import type { Scene } from './key-scene.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { requireLease } from './under-lease.ts'

export async function noteKey(deps: KeyDeps, run: KeyRun, { at }: Scene, row: JournalRow | null): Promise<void> {
  if (row?.state !== 'conflict' && row?.state !== 'refused') return deps.statements.putJournal({ at, row })
  requireLease(run)
  await deps.pool.transaction(async (tx) => {
    await putJournal(tx, deps.owner, [{ at, row }])
    await noteConflict(tx, at.replicaId, conflictKindOf(row), at.key)
  })
}
