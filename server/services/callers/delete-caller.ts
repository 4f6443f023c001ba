import { deleteCaller as remove } from '../../db/catalogue/callers.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { type Actor, requireNoBounds } from '../shared/authorize.ts'
import { change, notFound } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'

/** It is let in nowhere from now on; policies that name it let in the others that they name. Returns its id. */
export async function deleteCaller(
  deps: ServiceDeps,
  actor: Actor,
  { name }: { readonly name: string },
): Promise<string> {
  requireNoBounds(actor, 'who may call')
  return change(deps, actor, 'callerDelete', async (tx) => {
    const id = await remove(tx, name)
    if (id === undefined) throw notFound('caller', name, ['name'])
    await markBuckets(tx, { kind: 'caller', name }, { intent: true })
    tx.changed('caller', [id])
    tx.wake('endpoints')
    return { result: id, subject: name }
  })
}
