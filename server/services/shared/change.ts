import { type Detail, writeAudit } from '../../db/catalogue/audit.ts'
import { type Taken, takenOf } from '../../db/catalogue/taken.ts'
import type { CatalogueTx } from '../../db/core/client.ts'
import { FadoError } from '../../domain/errors.ts'
import type { Actor } from './authorize.ts'
import type { ServiceDeps } from './deps.ts'

export type Change<T> = {
  readonly result: T
  /** What was changed, as people name it. */
  readonly subject: string
  /** For the audit; holds no secret. */
  readonly detail?: Detail
}

/** A mutation: the catalogue, what must be decided again, audit and news in one transaction. */
export async function change<T>(
  { db }: Pick<ServiceDeps, 'db'>,
  actor: Actor,
  action: string,
  work: (tx: CatalogueTx) => Promise<Change<T>>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const { result, subject, detail = {} } = await work(tx)
    await writeAudit(tx, { actor: actor.name, action, subject, detail })
    return result
  })
}

/** A later change has come between. */
export function requireVersion(expected: number | null | undefined, present: number, what: string): void {
  if (expected === undefined || expected === null || expected === present) return
  throw new FadoError('CONFLICT', `${what} is at version ${present} now, not at ${expected}: look at it again`, {
    path: ['expectedVersion'],
  })
}

/** Whoever sends it again means that call; with anything else it is a mistake that nobody would see. `did`: what it made. */
export const keyTaken = (did: string): FadoError =>
  new FadoError('CONFLICT', `With this idempotency key ${did}: another creation needs another key`, {
    path: ['idempotencyKey'],
  })

const shown = 100

export const notFound = (kind: string, name: string, path: readonly string[]): FadoError =>
  new FadoError('NOT_FOUND', `There is no ${kind} ${name === '' ? 'without a name' : name.slice(0, shown)}`, { path })

export const beingDeleted = (what: string, path: readonly string[]): FadoError =>
  new FadoError('CONFLICT', `${what} is being deleted`, { path })

/** Turns the refusal of a value that another row has into ALREADY_EXISTS, where `duplicates` says what to tell of it. */
export function asDuplicate(
  error: unknown,
  duplicates: Readonly<Partial<Record<Taken, { readonly message: string; readonly path: readonly string[] }>>>,
): unknown {
  const taken = takenOf(error)
  const known = taken && duplicates[taken]
  return known === undefined
    ? error
    : new FadoError('ALREADY_EXISTS', known.message, { path: known.path, cause: error })
}
