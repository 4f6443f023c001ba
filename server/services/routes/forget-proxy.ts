import { forgetProxy as forget, lockProxy } from '../../db/catalogue/proxies.ts'
import { FadoError } from '../../domain/errors.ts'
import { type Actor, requireNoBounds } from '../shared/authorize.ts'
import { change } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'

/**
 * An Envoy that will not come back counts no more: what waits for it goes on, deletions too. Should it run all the same,
 * its calls may miss data. Returns its id.
 */
export async function forgetProxy(deps: ServiceDeps, actor: Actor, { id }: { readonly id: string }): Promise<string> {
  return change(deps, actor, 'proxyForget', async (tx) => {
    requireNoBounds(actor, 'the proxies')
    const proxy = await lockProxy(tx, id)
    if (proxy === undefined)
      throw new FadoError('NOT_FOUND', 'There is no such proxy: `fado get proxies` shows them', {
        path: ['id'],
      })
    if (proxy.streams.some((stream) => stream.open))
      throw new FadoError('IN_USE', `The proxy ${proxy.nodeId} is connected: stop it first`, { path: ['id'] })
    await forget(tx, proxy)
    return { result: id, subject: proxy.nodeId }
  })
}
