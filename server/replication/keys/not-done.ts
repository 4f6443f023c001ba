import { StorageError } from '../../storage/storage-error.ts'

/** What a store does that acknowledges a write or a delete, and shows that it has not done it. `store`: its name. */
export const notDone = (store: string, key: string): StorageError =>
  new StorageError(
    'server-error',
    `${store} answers that it has written or deleted ${JSON.stringify(key)}, and has not`,
  )
