import Link from 'next/link'
import type { AboutWhen } from '../../_lib/about-when.ts'
import type { LiveReplica } from '../../_lib/attention-item.ts'
import { isCompared, shareDone } from '../../_lib/cells.ts'
import { copyName } from '../../_lib/copy-name.ts'
import { bytes, count, duration, plural, rate } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { speedOf } from '../../_lib/moving.ts'
import { Icon } from '../shared/icon.tsx'
import { ProgressBar } from '../shared/progress-bar.tsx'

const most = 8

type Props = {
  readonly replicas: readonly LiveReplica[]
  readonly aboutWhen: AboutWhen
}

export function MovingList({ replicas, aboutWhen }: Props) {
  const speed = speedOf(replicas)
  const sorted = [...replicas].sort((a, b) => (b.progress?.bytesPerSecond ?? 0) - (a.progress?.bytesPerSecond ?? 0))
  return (
    <section aria-labelledby="h-moving">
      <header>
        <h2 id="h-moving">Moving now</h2>
        <span className="dim">{speed > 0 ? rate(speed) : ''}</span>
      </header>
      {replicas.length === 0 ? (
        <p className="text-ink-2">Nothing.</p>
      ) : (
        <ul>
          {sorted.slice(0, most).map((replica) => (
            <Move key={replica.id} replica={replica} eta={aboutWhen.get(replica.id)} />
          ))}
        </ul>
      )}
      {replicas.length > most && <p className="pt-2 text-sm text-ink-3">and {replicas.length - most} more</p>}
    </section>
  )
}

function Move({ replica, eta }: { readonly replica: LiveReplica; readonly eta: string | undefined }) {
  const to = copyName(replica)
  const share = replica.state === 'SYNCING' ? shareDone(replica) : null
  return (
    <li className="move">
      <Link className="mono" href={bucketHref(replica.bucket.name)}>
        {replica.bucket.name}
      </Link>
      <span className="text-right whitespace-nowrap">{how(replica, eta)}</span>
      {share !== null && <ProgressBar share={share} label={`${replica.bucket.name} to ${to}`} />}
      <span className="mono text-ink-2">
        <Icon name="arrow" /> {to}
      </span>
      <span className="dim whitespace-nowrap">
        {done(replica)}
        {replica.state === 'LAGGING' && eta && `, ${eta}`}
      </span>
    </li>
  )
}

/** A first copy tells how long it takes yet, one that catches up how late it is. */
function how(replica: LiveReplica, eta: string | undefined): string {
  const { state, lag } = replica
  if (state === 'LAGGING') return `${duration(lag.oldestSeconds)} behind`
  if (state === 'SYNCING' && eta) return eta
  if (state === 'SYNCING' && isCompared(replica)) return 'taken over'
  return state === 'SYNCING' ? 'first copy' : 'waiting to start'
}

function done(replica: LiveReplica): string {
  const { state, progress, lag } = replica
  if (state === 'LAGGING') return plural(lag.objects, 'change')
  if (!progress) return ''
  if (isCompared(replica)) return `${count(progress.objectsDone)} of ${count(progress.objectsTotal)} compared`
  const speed = progress.bytesPerSecond ? `, ${rate(progress.bytesPerSecond)}` : ''
  return progress.bytesTotal > 0
    ? `${bytes(progress.bytesDone)} of ${bytes(progress.bytesTotal)}${speed}`
    : `${count(progress.objectsDone)} of ${plural(progress.objectsTotal, 'object')}`
}
