'use client'
import { useQuery } from 'urql'
import { BucketAboutWhenDocument, type BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { type AboutWhen, aboutWhenOf } from '../../_lib/about-when.ts'
import { useEvery } from '../../_lib/use-every.ts'

/** It changes all the time and is no event. */
const everyMs = 3_000

/** Asked only while a copy catches up. */
export function useAboutWhen({ name, replicas }: BucketPartsFragment): AboutWhen {
  const lags = replicas.some(({ lag }) => lag.objects > 0)
  const [{ data }, again] = useQuery({ query: BucketAboutWhenDocument, variables: { name }, pause: !lags })
  useEvery(everyMs, lags, () => {
    if (!document.hidden) again({ requestPolicy: 'network-only' })
  })
  return aboutWhenOf((lags && data?.bucket?.replicas) || [])
}
