'use client'
import { useQuery } from 'urql'
import {
  BucketCatchUpDocument,
  type BucketPartsFragment,
  type WaitReasonsFragment,
} from '../../../graphql/generated/operations.ts'
import { type AboutWhen, aboutWhenOf } from '../../_lib/about-when.ts'
import { useEvery } from '../../_lib/use-every.ts'

/** It changes all the time and is no event. */
const everyMs = 3_000

export type CatchUp = {
  readonly aboutWhen: AboutWhen
  /** By the ids of copies. */
  readonly waiting: ReadonlyMap<string, WaitReasonsFragment['waiting']>
}

/** What copies wait for and about when they are done: asked only while one is not whole. */
export function useCatchUp({ name, replicas }: BucketPartsFragment): CatchUp {
  const lags = replicas.some(({ state, lag }) => lag.objects > 0 || state !== 'IN_SYNC')
  const [{ data }, again] = useQuery({ query: BucketCatchUpDocument, variables: { name }, pause: !lags })
  useEvery(everyMs, lags, () => {
    if (!document.hidden) again({ requestPolicy: 'network-only' })
  })
  const now = (lags && data?.bucket?.replicas) || []
  return { aboutWhen: aboutWhenOf(now), waiting: new Map(now.map(({ id, waiting }) => [id, waiting])) }
}
