import type { ReplicaPartsFragment } from '../../../graphql/generated/operations.ts'
import { isCompared, shareDone } from '../../_lib/cells.ts'
import { copyName } from '../../_lib/copy-name.ts'
import { bytes, count, plural, rate } from '../../_lib/format.ts'
import { ProgressBar } from '../shared/progress-bar.tsx'

type Props = {
  readonly replica: ReplicaPartsFragment
  /** About when it is done, if that can be told. */
  readonly left: string | undefined
}

/** What a copy still has to do. */
export function CopyWork({ replica, left }: Props) {
  const { progress, lag, state } = replica
  if (state === 'SYNCING' && progress) {
    const speed = progress.bytesPerSecond === null ? '' : `, ${rate(progress.bytesPerSecond)}`
    return (
      <span className="grid min-w-56 grid-cols-[72px_auto] items-center gap-2">
        <ProgressBar share={shareDone(replica) ?? 0} label={`copy to ${copyName(replica)}`} />
        <span className="dim">
          {isCompared(replica)
            ? `${count(progress.objectsDone)} of ${plural(progress.objectsTotal, 'object')}`
            : `${bytes(progress.bytesDone)} of ${bytes(progress.bytesTotal)}`}
          {speed}
          {left && <span className="block">{left}</span>}
        </span>
      </span>
    )
  }
  const held = lag.heldDeletes > 0 && (
    <span className="block text-warn">{plural(lag.heldDeletes, 'delete')} for your order</span>
  )
  if (lag.objects === 0) return held || (state === 'IN_SYNC' ? <span className="dim">0</span> : null)
  return (
    <span>
      {plural(lag.objects, 'object')}
      <span className="dim">, {bytes(lag.bytes)}</span>
      {left && <span className="dim block">{left}</span>}
      {held}
    </span>
  )
}
