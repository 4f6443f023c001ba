'use client'
import { useQuery } from 'urql'
import {
  type LinkPartsFragment,
  ReplicationLinksDocument,
  type WaitingPartsFragment,
  WaitingReplicasDocument,
} from '../../../graphql/generated/operations.ts'
import { aboutWhenOf } from '../../_lib/about-when.ts'
import { replicaTrouble } from '../../_lib/bucket-attention.ts'
import { heldOf } from '../../_lib/held.ts'
import { lackingOf, replicationSentence } from '../../_lib/links.ts'
import { isMoving, isStuck } from '../../_lib/moving.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { AttentionList } from '../fleet/attention-list.tsx'
import { MovingList } from '../fleet/moving-list.tsx'
import { useBusyReplicas } from '../fleet/use-busy-replicas.ts'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { Screen } from '../shell/screen.tsx'
import { LinkTable } from './link-table.tsx'
import { Runs } from './runs.tsx'
import { WaitingTable } from './waiting-table.tsx'

/** Figures of links change all the time and are no events. */
const everyMs = 2_000
const mostCopies = 50
const none: ReadonlySet<string> = new Set()

/** What goes from store to store, what waits and why. */
export function ReplicationScreen() {
  const [links, again] = useQuery({ query: ReplicationLinksDocument })
  const [waiting, waitingAgain] = useQuery({ query: WaitingReplicasDocument, variables: { first: mostCopies } })
  const look = () => {
    again({ requestPolicy: 'network-only' })
    waitingAgain({ requestPolicy: 'network-only' })
  }
  useEvery(everyMs, true, () => {
    if (!document.hidden) look()
  })
  const error = links.data && waiting.data ? undefined : (links.error ?? waiting.error)
  return (
    <Screen title="Replication">
      {error ? (
        <Problem error={error} what="The links" onRetry={look} />
      ) : links.data && waiting.data ? (
        <Body links={links.data.links} waiting={waiting.data.waitingReplicas} />
      ) : (
        <>
          <SkeletonSentence />
          <SkeletonTable columns={['Link', 'Speed', 'Moving', 'Waiting']} />
        </>
      )}
    </Screen>
  )
}

type Props = { readonly links: readonly LinkPartsFragment[]; readonly waiting: readonly WaitingPartsFragment[] }

function Body({ links, waiting }: Props) {
  const copies = useBusyReplicas()
  const busy = copies ?? []
  const waits = waiting.filter((replica) => replica.waiting.length > 0)
  const held = heldOf(waits)
  const others = busy.filter((replica) => waits.every(({ id }) => id !== replica.id))
  const stuck = others.filter(isStuck)
  return (
    <>
      <p className="sentence mb-6">
        <Said parts={replicationSentence(links, waits, copies && lackingOf(others))} />
      </p>
      <div className="two-columns">
        <div>
          <LinkTable links={links} />
          <WaitingTable replicas={waits} most={mostCopies} />
          <Runs />
        </div>
        <div className="first-when-narrow">
          {stuck.length > 0 && <AttentionList things={stuck.flatMap((one) => replicaTrouble(one, none, none, none))} />}
          <MovingList
            replicas={busy.filter((one) => isMoving(one) && !held.has(one.id))}
            aboutWhen={aboutWhenOf(waiting)}
          />
        </div>
      </div>
    </>
  )
}
