// Values that one row alone may have, by the unique index that sees to it.
import { violatedIndex } from '../core/transaction.ts'

const indexes = {
  bucket_name_key: 'bucket.name',
  caller_name_key: 'caller.name',
  cluster_name_key: 'cluster.name',
  faas_deployment_url_key: 'faas.url',
  storage_deployment_endpoint_key: 'storage.endpoint',
  storage_deployment_name_key: 'storage.name',
} as const

export type Taken = (typeof indexes)[keyof typeof indexes]

/** Which value was taken already, where that is why a row was refused. */
export function takenOf(error: unknown): Taken | undefined {
  const index = violatedIndex(error)
  return index !== undefined && Object.hasOwn(indexes, index) ? indexes[index as keyof typeof indexes] : undefined
}
