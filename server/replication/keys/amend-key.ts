// The step `amend` of one key: an object that is taken over has the master's bytes, and its store gives it the master's headers
// and tags; no byte of it crosses.
import { tagsFitHeaders } from '../../storage/object-headers.ts'
import { StorageError, type StorageErrorKind } from '../../storage/storage-error.ts'
import { lookAt } from './carried.ts'
import { guardedWrite } from './guarded-write.ts'
import { again, done, type Round, type Scene } from './key-scene.ts'
import { type KeyStep, rowInTheWay } from './key-step.ts'
import type { KeyDeps, KeyRun } from './key-work.ts'
import { noteKey } from './note-key.ts'
import { verifyCopy } from './verify-copy.ts'

/** Then the object stays as it is, in the way: an order can replace it. */
const cannot: ReadonlySet<StorageErrorKind> = new Set(['unsupported', 'refused', 'access-denied', 'bad-metadata'])

export async function amendKey(
  deps: KeyDeps,
  run: KeyRun,
  scene: Scene,
  step: Extract<KeyStep, { step: 'amend' }>,
): Promise<Round> {
  const { source, target, at, guard } = scene
  const { signal } = run
  const now = await lookAt(source, at.key, signal)
  if (now?.seen.etag !== step.source.etag || now.seen.carried !== step.source.carried) return again
  const { metadata, tagCount } = now.head
  const tags = tagCount > 0 ? await source.driver.getTags(source.bucket, at.key, { signal }) : []
  const inTheWay = async () => {
    await noteKey(deps, run, scene, rowInTheWay(step.source, step.target))
    return done
  }
  if (!tagsFitHeaders(metadata, tags)) return inTheWay()
  try {
    const options = { metadata, tags, ifMatch: step.target.etag, signal }
    const { etag: targetEtag } = await guardedWrite(deps, run, guard, {
      journal: () => deps.statements.journalWriting({ guard, key: at.key, what: step.before }),
      write: () => target.driver.amend(target.bucket, at.key, options),
    })
    return await verifyCopy(deps, run, scene, step.source, { targetEtag, verified: 'etag' })
  } catch (error) {
    const refused = error instanceof StorageError && cannot.has(error.kind)
    if (!refused || deps.stores.originOf(error) !== target.storageId) throw error
    run.writing = false
    return inTheWay()
  }
}
