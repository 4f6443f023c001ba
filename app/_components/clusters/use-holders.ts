'use client'
import { useEffect, useState } from 'react'
import { useClient } from 'urql'
import { StoreBucketNamesDocument } from '../../../graphql/generated/operations.ts'
import { holds } from '../../_lib/adoption.ts'

export type Holder = { readonly store: string; readonly isSilent: boolean }

/** Those of the stores that may have the bucket, each asked now; undefined until all have answered or failed to. */
export function useHolders(bucket: string, stores: readonly string[]): readonly Holder[] | undefined {
  const client = useClient()
  const [holders, setHolders] = useState<readonly Holder[]>()
  const asked = stores.join(' ')
  useEffect(() => {
    let isOver = false
    const ask = async (name: string): Promise<Holder[]> => {
      const { data } = await client
        .query(StoreBucketNamesDocument, { name }, { requestPolicy: 'network-only' })
        .toPromise()
      const held = holds(bucket, data?.storageDeployment?.unmanagedBuckets ?? null)
      return held === false ? [] : [{ store: name, isSilent: held === 'silent' }]
    }
    void Promise.all(asked.split(' ').filter(Boolean).map(ask)).then((found) => {
      if (!isOver) setHolders(found.flat())
    })
    return () => {
      isOver = true
    }
  }, [client, bucket, asked])
  return holders
}
