import type { WaitReasonsFragment } from '../../../graphql/generated/operations.ts'
import { bytes, plural } from '../../_lib/format.ts'
import { reasonSentence } from '../../_lib/sentence.ts'

/** All that a copy waits for, a line each. */
export const WaitReasons = ({ waiting }: Pick<WaitReasonsFragment, 'waiting'>) => (
  <ul className="text-ink-2">
    {waiting.map(({ reason, objects, bytes: size }) => (
      <li key={reason.message}>
        {reasonSentence(reason)}{' '}
        <span className="dim">
          {plural(objects, 'object')}
          {/* Events do not always tell sizes. */}
          {size > 0 && `, ${bytes(size)}`}
        </span>
      </li>
    ))}
  </ul>
)
