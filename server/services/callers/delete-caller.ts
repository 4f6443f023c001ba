import {
  type CallerNaming,
  namedByNobody,
  namingOfCallers,
  deleteCaller as remove,
} from '../../db/catalogue/callers.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { type Actor, requireNoBounds } from '../shared/authorize.ts'
import { change, notFound } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'

/** It is let in nowhere from now on; policies that name it let in the others that they name. `naming`: which policies name it still. */
export async function deleteCaller(
  deps: ServiceDeps,
  actor: Actor,
  { name }: { readonly name: string },
): Promise<{ readonly id: string; readonly naming: CallerNaming }> {
  requireNoBounds(actor, 'who may call')
  return change(deps, actor, 'callerDelete', async (tx) => {
    const id = await remove(tx, name)
    if (id === undefined) throw notFound('caller', name, ['name'])
    await markBuckets(tx, { kind: 'caller', name }, { intent: true })
    tx.changed('caller', [id])
    tx.wake('endpoints')
    const [naming = namedByNobody] = await namingOfCallers(tx, [name])
    return { result: { id, naming }, subject: name }
  })
}
