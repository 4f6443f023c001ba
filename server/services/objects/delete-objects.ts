import { FadoError } from '../../domain/errors.ts'
import { limitConcurrency } from '../../limit-concurrency.ts'
import type { Actor } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'
import { keyProblem } from './check-object.ts'
import { requireRecordedMaster, withMaster, writableBucket } from './master-access.ts'
import { objectRefusal } from './object-refusal.ts'
import { tellDeleted } from './tell-written.ts'

export type DeleteObjects = { readonly bucket: string; readonly keys: readonly string[] }
export type DeletedObjects = {
  readonly deleted: readonly string[]
  readonly failed: readonly { readonly key: string; readonly message: string }[]
}

const mostKeys = 1_000
const atOnce = 16
/** The audit names so many; the number of all goes with them. */
const named = 20

/** At the master; the copies follow as after an event. A key that is not there counts as deleted, as it does to S3. */
export async function deleteObjects(deps: ServiceDeps, actor: Actor, input: DeleteObjects): Promise<DeletedObjects> {
  const keys = [...new Set(input.keys)]
  if (keys.length === 0) throw invalid('keys must name at least one object', ['keys'])
  if (keys.length > mostKeys)
    throw new FadoError('LIMIT_EXCEEDED', `At most ${mostKeys} objects are deleted at once: send several calls`, {
      path: ['keys'],
    })
  const bucket = await writableBucket(deps, actor, input.bucket)
  return withMaster(deps, bucket, async (master) => {
    await requireRecordedMaster(deps, master)
    const turn = limitConcurrency(atOnce)
    const problems = new Map<string, string>()
    await Promise.all(
      keys.map((key) =>
        turn(async () => {
          const problem = keyProblem(key) ?? (await tryDelete(key))
          if (problem !== undefined) problems.set(key, problem)
        }),
      ),
    )
    const deleted = keys.filter((key) => !problems.has(key))
    if (deleted.length > 0)
      await change(deps, actor, 'objectDelete', async (tx) => {
        await activeBucketToChange(tx, actor, bucket.name)
        await tellDeleted(tx, bucket.id, deleted)
        const detail = { objects: deleted.length, keys: deleted.slice(0, named) }
        return { result: undefined, subject: bucket.name, detail }
      })
    return { deleted, failed: [...problems].map(([key, message]) => ({ key, message })) }

    async function tryDelete(key: string): Promise<string | undefined> {
      try {
        await master.driver.delete(bucket.masterBucketName, key)
        return undefined
      } catch (error) {
        const refusal = objectRefusal(error, master.storage.name)
        if (refusal instanceof FadoError) return refusal.message
        throw refusal
      }
    }
  })
}
