// What is said of a key is said under its lease. A mover that was stopped for a while may get an answer that it waited for before
// it learns that its lease is over: by then the key is another's, and so is what the journal says of it.
import type { PlannedWrite } from '../../db/copies/journal-announce.ts'
import type { KeyStatements } from '../../db/copies/key-statements.ts'
import { Interrupted } from '../interrupted.ts'
import type { KeyRun } from './key-work.ts'

export function requireLease({ holds }: Pick<KeyRun, 'holds'>): void {
  if (!holds()) throw new Interrupted('lease')
}

/** The same statements; those that write are refused (`Interrupted`) when the lease may have ended. */
export function underLease(statements: KeyStatements, run: Pick<KeyRun, 'holds' | 'said'>): KeyStatements {
  const held =
    <Item, Answer>(say: (item: Item) => Promise<Answer>) =>
    async (item: Item): Promise<Answer> => {
      requireLease(run)
      return say(item)
    }
  const noted = (say: (write: PlannedWrite) => Promise<boolean>) =>
    held(async (write: PlannedWrite) => {
      const isAllowed = await say(write)
      if (isAllowed) run.said = write
      return isAllowed
    })
  return {
    ...statements,
    journalWriting: noted(statements.journalWriting),
    journalDeleting: noted(statements.journalDeleting),
    putJournal: held(statements.putJournal),
    record: held(statements.record),
  }
}
