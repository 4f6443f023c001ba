'use client'
import { useEffect, useRef } from 'react'
import { useSubscription } from 'urql'
import { LiveReplicasDocument, type LiveReplicasSubscription } from '../../../graphql/generated/operations.ts'
import { agedCopy } from '../../_lib/aged.ts'
import type { LiveReplica } from '../../_lib/attention-item.ts'
import { useLinkState } from '../shell/use-link.ts'
import { useNow } from '../shell/use-now.ts'

/** What copies lack gets older by the second. */
const ageMs = 1_000

type Busy = ReadonlyMap<string, LiveReplica>

/** Every copy of the fleet that is not simply in sync. The first events tell the present state: undefined before. */
export function useBusyReplicas(): readonly LiveReplica[] | undefined {
  const { live } = useLinkState()
  const restart = useRef(false)
  // After a gap the present state is told once more: what was kept may be gone.
  useEffect(() => {
    if (!live) restart.current = true
  }, [live])
  const [{ data }] = useSubscription<LiveReplicasSubscription, Busy>(
    { query: LiveReplicasDocument, variables: {} },
    (before = new Map(), event) => {
      const { replica } = event.replicationProgress
      const kept: Busy = restart.current ? new Map() : before
      restart.current = false
      if (replica.state === 'IN_SYNC' && !kept.has(replica.id)) return kept
      const next = new Map(kept)
      if (replica.state === 'IN_SYNC') next.delete(replica.id)
      else next.set(replica.id, replica)
      return next
    },
  )
  const now = useNow(ageMs)
  return data && [...data.values()].map((replica) => agedCopy(replica, now))
}
