/** A copy of a bucket, by the store that it is on: the master is one, too. */
export type CopyId = { readonly bucketId: string; readonly storageId: string }
