'use client'
import { useEffect, useState } from 'react'
import { useClient } from 'urql'
import { StoreBucketNamesDocument } from '../../../graphql/generated/operations.ts'
import { mayHold } from '../../_lib/adoption.ts'

/** Those of the stores that may have the bucket, each asked now; undefined until all have answered. */
export function useHolders(bucket: string, stores: readonly string[]): readonly string[] | undefined {
  const client = useClient()
  const [holders, setHolders] = useState<readonly string[]>()
  const asked = stores.join(' ')
  useEffect(() => {
    let isOver = false
    const holds = async (name: string) => {
      const { data } = await client
        .query(StoreBucketNamesDocument, { name }, { requestPolicy: 'network-only' })
        .toPromise()
      return mayHold(bucket, data?.storageDeployment?.unmanagedBuckets ?? null) ? [name] : []
    }
    void Promise.all(asked.split(' ').filter(Boolean).map(holds)).then((found) => {
      if (!isOver) setHolders(found.flat())
    })
    return () => {
      isOver = true
    }
  }, [client, bucket, asked])
  return holders
}
