import { v7 } from 'uuid'
import { type CallerRecord, insertCaller, type KnownByCertificate } from '../../db/catalogue/callers.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { everyCaller } from '../../domain/callers/caller.ts'
import { type Actor, requireNoBounds } from '../shared/authorize.ts'
import { asDuplicate, change } from '../shared/change.ts'
import { checkName, invalid } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { type CertificateHow, knownByCertificate, requireSameAuthority } from './known-by-certificate.ts'
import { type ByToken, type JwtHow, knownByKey, knownByToken, requireSameKeys } from './known-by-token.ts'

/** One of them. */
export type CallerHow = {
  readonly jwt?: JwtHow | null | undefined
  readonly certificate?: CertificateHow | null | undefined
  readonly key?: boolean | null | undefined
}
export type CreateCaller = { readonly name: string; readonly how: CallerHow }

type Known = ByToken | (KnownByCertificate & { readonly kind: 'certificate' })

/** `secret`: of a key. */
async function knownBy(deps: ServiceDeps, how: CallerHow): Promise<{ readonly secret: string | null; known: Known }> {
  if (how.certificate)
    return { secret: null, known: { kind: 'certificate', ...knownByCertificate(how.certificate, new Date()) } }
  if (how.jwt) return { secret: null, known: await knownByToken(deps, how.jwt) }
  if (how.key !== true) throw invalid('key must be true', ['how', 'key'])
  const { secret, ...known } = knownByKey()
  return { secret, known }
}

/** What is noted of it for those who ask later who made whom. */
function detailOf(known: Known) {
  if (known.kind === 'certificate') return { kind: known.kind, names: known.names }
  const { kind, issuer, audiences, claims, jwksUrl } = known
  return { kind, issuer, audiences, claims, jwksUrl }
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
  const { secret, known } = await knownBy(deps, how)
  const work = change(deps, actor, 'callerCreate', async (tx) => {
    if (known.kind === 'certificate') await requireSameAuthority(tx, known.authority)
    else await requireSameKeys(tx, known)
    await insertCaller(tx, { id, name, ...known })
    // A policy may have kept the name of one that was deleted.
    await markBuckets(tx, { kind: 'caller', name }, { intent: true })
    tx.changed('caller', [id])
    tx.wake('endpoints')
    return { result: undefined, subject: name, detail: detailOf(known) }
  })
  await work.catch((error: unknown) => {
    throw asDuplicate(error, { 'caller.name': { message: `There is a caller ${name} already`, path: ['name'] } })
  })
  return { secret, caller: { id, name, kind: known.kind } }
}
