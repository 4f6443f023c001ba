import { rebuildSources, writeMasterChoice } from '../../db/catalogue/buckets.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { sweepAfterCommit } from '../../db/queue/sweeps.ts'
import { FadoError } from '../../domain/errors.ts'
import { chooseSource } from '../../domain/replica/rebuild-source.ts'
import type { MasterChoice } from '../../domain/replica/regress.ts'
import type { Actor } from '../shared/authorize.ts'
import { change, notFound } from '../shared/change.ts'
import { invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { activeBucketToChange } from '../shared/find.ts'

export type ResolveMaster = {
  readonly bucket: string
  readonly choice: MasterChoice
  /** Name of the store of the replica that the master is rebuilt from; null: the one that lacks the fewest changes. */
  readonly from: string | null
}

/** What becomes of a master that went backwards. Only the order is stored: a mover does the rest. Returns the bucket's id. */
export async function resolveMaster(deps: ServiceDeps, actor: Actor, input: ResolveMaster): Promise<string> {
  const { choice, from } = input
  return change(deps, actor, 'masterResolve', async (tx) => {
    const bucket = await activeBucketToChange(tx, actor, input.bucket)
    if (bucket.regress === null || bucket.regressedSince === null)
      throw new FadoError('CONFLICT', `The master of ${bucket.name} did not go backwards: there is nothing to choose`, {
        path: ['bucket'],
      })
    if (choice === 'accept' && from !== null) throw invalid('Only a rebuild is from a replica', ['from'])
    if (choice === 'accept' && bucket.regress.bucket === 'missing')
      throw unsafe(`The master of ${bucket.name} has no bucket that could be accepted: rebuild it`, ['choice'])
    const source = choice === 'rebuild' ? await sourceOf(tx, bucket, from) : null
    await writeMasterChoice(tx, bucket.id, { choice, from: source?.storageId ?? null })
    await sweepAfterCommit(tx, bucket.id, bucket.masterStorageId)
    await markBuckets(tx, { kind: 'ids', ids: [bucket.id] })
    tx.changed('bucket', [bucket.id])
    return { result: bucket.id, subject: bucket.name, detail: { choice, from: source?.store ?? null } }
  })
}

const unsafe = (message: string, path: readonly string[]) => new FadoError('UNSAFE', message, { path })

async function sourceOf(
  tx: Parameters<typeof rebuildSources>[0],
  { id, name }: { readonly id: string; readonly name: string },
  from: string | null,
) {
  const source = chooseSource(await rebuildSources(tx, id), from)
  if (source === null) throw notFound('replica', `of ${name} on ${from}`, ['from'])
  if ('unsafe' in source) throw unsafe(`The master of ${name} cannot be rebuilt safely: ${source.unsafe}`, ['from'])
  return source.chosen
}
