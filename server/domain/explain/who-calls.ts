// Whom a guarded bucket lets in.
import { type Caller, isAlso, needsTls } from '../callers/caller.ts'
import type { Reason } from '../reason.ts'
import type { RouteTable } from '../route/routing-table.ts'
import { type Refusal, refusal } from './refusal.ts'

export type NamedCaller = Caller & { readonly name: string }

/** Who makes a call, and whom else there is. */
export type WhoCalls = {
  /** null: nothing proves who it is. */
  readonly caller: NamedCaller | null
  readonly callers: readonly NamedCaller[]
  /** A bucket that is not there answers as one that is guarded and does not let in who calls. */
  readonly hidesBuckets: boolean
  /** The ingress speaks TLS, so callers can show certificates. */
  readonly speaksTls: boolean
}

const isGuarded = ({ callers }: RouteTable) => callers !== undefined

/** What its answers say of the decision is said to those alone who are let in. */
export const saysDecision = (table: RouteTable): boolean => !isGuarded(table)

/** Names of those whom a bucket lets in; null: anybody. */
export const invited = (table: RouteTable, { callers }: Pick<WhoCalls, 'callers'>): readonly string[] | null =>
  table.callers === undefined
    ? null
    : callers
        .filter(({ id }) => table.callers?.includes(id))
        .map(({ name }) => name)
        .toSorted()

/** Why nobody can show that it is this caller; undefined: who has what proves it can. */
export function whyUnprovable({ caller, speaksTls }: WhoCalls): Reason | undefined {
  if (caller === null || speaksTls || !needsTls(caller)) return undefined
  const message = `Nobody can prove to be ${caller.name}: certificates are shown over TLS, and the ingress speaks none (FADO_INGRESS_TLS_PORT)`
  return { code: 'NO_TLS_INGRESS', message }
}

/** undefined: it is let in. */
export function refuseCaller(bucket: string, table: RouteTable, who: WhoCalls): Refusal | undefined {
  const { caller, callers } = who
  if (!isGuarded(table)) return undefined
  const named = callers.filter(({ id }) => table.callers?.includes(id))
  if (caller !== null && named.some((one) => isAlso(caller, one))) return undefined
  return caller === null
    ? refusal(
        401,
        'CALLER_UNPROVEN',
        `Nothing proves who calls, and the policy callers of ${bucket} does not let in all`,
      )
    : refusal(403, 'CALLER_REFUSED', `The policy callers of ${bucket} does not name ${caller.name}`)
}

/** The answer of Envoy to a call of a bucket that is not there. */
export function hideUnknown(unknown: Refusal, { caller, hidesBuckets }: WhoCalls): Refusal {
  if (!hidesBuckets) return unknown
  const { code, message } = unknown.reason
  const why = `${message}. While the fleet has a policy callers, that is answered as to a caller who is not let in`
  return refusal(caller === null ? 401 : 403, code, why)
}
