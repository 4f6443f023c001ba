import { v7 } from 'uuid'
import { type CallerRecord, insertCaller } from '../../db/catalogue/callers.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { everyCaller } from '../../domain/callers/caller.ts'
import { type Actor, requireNoBounds } from '../shared/authorize.ts'
import { asDuplicate, change } from '../shared/change.ts'
import { checkName, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import type { HowKnown } from './how-known.ts'
import { type CertificateHow, knownByCertificate } from './known-by-certificate.ts'
import { knownByKey } from './known-by-key.ts'
import { type JwtHow, knownByToken } from './known-by-token.ts'

/** What is said of each way in which a new caller can be known. */
type Hows = { readonly certificate: CertificateHow; readonly jwt: JwtHow; readonly key: boolean }
/** One of them. */
export type CallerHow = { readonly [W in keyof Hows]?: Hows[W] | null | undefined }
export type CreateCaller = { readonly name: string; readonly how: CallerHow }

const ways: {
  readonly [W in keyof Hows]: (how: Hows[W], deps: ServiceDeps) => HowKnown | Promise<HowKnown>
} = { certificate: (how) => knownByCertificate(how, new Date()), jwt: knownByToken, key: knownByKey }

function knownBy(deps: ServiceDeps, how: CallerHow): HowKnown | Promise<HowKnown> {
  const ask = <W extends keyof Hows>(way: W, said: CallerHow[W]) => said && ways[way](said, deps)
  for (const way of Object.keys(ways) as (keyof Hows)[]) {
    const found = ask(way, how[way])
    if (found) return found
  }
  throw invalid('key must be true', ['how', 'key'])
}

/** The secret of a key is shown once and not stored. */
export async function createCaller(
  deps: ServiceDeps,
  actor: Actor,
  { name, how }: CreateCaller,
): Promise<{ readonly secret: string | null; readonly caller: CallerRecord }> {
  requireNoBounds(actor, 'who may call')
  checkName(name, ['name'])
  if (name === everyCaller) throw invalid(`A caller cannot be called ${everyCaller}: that word means anybody`, ['name'])
  const id = v7()
  const { secret, known, detail, requireAlike } = await knownBy(deps, how)
  const work = change(deps, actor, 'callerCreate', async (tx) => {
    await requireAlike(tx)
    await insertCaller(tx, { id, name, known })
    // A policy may have kept the name of one that was deleted.
    await markBuckets(tx, { kind: 'caller', name }, { intent: true })
    tx.changed('caller', [id])
    tx.wake('endpoints')
    return { result: undefined, subject: name, detail }
  })
  await work.catch((error: unknown) => {
    throw asDuplicate(error, { 'caller.name': { message: `There is a caller ${name} already`, path: ['name'] } })
  })
  return { secret, caller: { id, name, kind: known.kind } }
}
