import { sealedStorageById } from '../../db/catalogue/storage-deployments.ts'
import {
  type EndedUpload,
  endedUploads,
  forgetUpload,
  retryUploadLater,
  uploadAborted,
} from '../../db/catalogue/uploads.ts'
import { StorageError } from '../../storage/storage-error.ts'
import type { Actor } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { accessOf } from '../stores/probe-store.ts'
import { requireOpen, uploadToChange } from './find-upload.ts'

/**
 * Its parts go within seconds (`endAbandonedUploads`). An object that was sent in one piece and has arrived stays: nobody can
 * tell it from one that others put there. Returns the upload's id.
 */
export async function abortUpload(deps: ServiceDeps, actor: Actor, { id }: { readonly id: string }): Promise<string> {
  const { upload, bucket } = await uploadToChange(deps, actor, id)
  requireOpen(upload)
  return change(deps, actor, 'uploadAbort', async (tx) => {
    await uploadAborted(tx, id)
    return { result: id, subject: bucket.name, detail: { key: upload.key } }
  })
}

const batch = 100
const retrySeconds = 60

/** Called by a timer: uploads that were aborted or that nobody completed take their parts with them. */
export async function endAbandonedUploads(deps: ServiceDeps): Promise<void> {
  for (const upload of await endedUploads(deps.pool, batch)) {
    try {
      await abortAtStore(deps, upload)
      await forgetUpload(deps.pool, upload.id)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      deps.log.info({ err: error, upload: upload.id }, 'the parts of an upload that is over wait for their store')
      await retryUploadLater(deps.pool, upload.id, retrySeconds)
    }
  }
}

async function abortAtStore(deps: ServiceDeps, upload: EndedUpload): Promise<void> {
  const { storeUploadId, state, storageId, masterBucketName, key } = upload
  if (storeUploadId === null || state === 'completed') return
  const storage = await sealedStorageById(deps.pool, storageId)
  if (storage === undefined) return
  const driver = deps.connect(accessOf(deps, storage))
  try {
    await driver.abortUpload(masterBucketName, key, storeUploadId)
  } catch (error) {
    if (!(error instanceof StorageError && error.kind === 'no-such-bucket')) throw error
  } finally {
    await driver.close()
  }
}
