'use client'
import { type CallerPartsFragment, DeleteCallerDocument } from '../../../graphql/generated/operations.ts'
import { withoutIt } from '../../../server/domain/callers/naming-words.ts'
import { name, say } from '../../_lib/parts.ts'
import { Confirm } from '../shared/confirm.tsx'

type Props = { readonly caller: CallerPartsFragment; readonly onClose: () => void }

export function DeleteCaller({ caller, onClose }: Props) {
  const { closed, others } = withoutIt(caller.namedBy)
  return (
    <Confirm
      title="Delete"
      name={caller.name}
      act="Delete it"
      document={DeleteCallerDocument}
      input={{ name: caller.name }}
      done={say`Deleted ${name(caller.name)}.`}
      onClose={onClose}
    >
      <p className="text-ink-2">It is let in nowhere from now on. A key of it cannot be brought back.</p>
      {closed !== '' && <p className="text-bad">{closed}</p>}
      {others !== '' && <p className="text-ink-2">{others}</p>}
    </Confirm>
  )
}
