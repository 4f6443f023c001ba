import type { RingClusterFragment } from '../../../graphql/generated/operations.ts'
import type { Calls } from '../../_lib/topology/calls.ts'
import type { Focus } from '../../_lib/topology/focus.ts'
import type { RingMark } from '../../_lib/topology/marks.ts'
import type { RingLink } from '../../_lib/topology/ring-links.ts'
import { callWords, linkSentence, ringClusterSentence } from '../../_lib/topology/words.ts'
import { Said } from '../shared/said.tsx'

type Props = {
  readonly focus: Focus
  readonly clusters: readonly RingClusterFragment[]
  readonly links: readonly RingLink[]
  /** Null: nothing is told of calls. */
  readonly calls: ReadonlyMap<string, Calls> | null
  readonly marks: readonly RingMark[]
  /** The marks tell of one bucket. */
  readonly isBucket: boolean
}

/** Says what pointer or focus are on. */
export function RingStatus(props: Props) {
  return (
    <div className="status">
      <p>
        <Words {...props} />
      </p>
    </div>
  )
}

function Words({ focus, clusters, links, calls, marks, isBucket }: Props) {
  if (focus === null) return 'Point at a cluster or a link, or tap it, to read what it does.'
  if ('link' in focus) {
    const link = links.find(({ id }) => id === focus.link)
    return link ? <Said parts={linkSentence(link)} /> : null
  }
  const cluster = clusters.find(({ name }) => name === focus.cluster)
  const mark = marks.find(({ name }) => name === focus.cluster)
  const taken = calls?.get(focus.cluster)
  if (!cluster) return null
  return (
    <>
      {isBucket ? (
        mark?.words
      ) : (
        <>
          <b className="mono mr-2 text-ink">{cluster.name}</b>
          <Said parts={ringClusterSentence(cluster, links)} />
        </>
      )}
      {taken && ` Calls: ${callWords(taken)}.`}
    </>
  )
}
