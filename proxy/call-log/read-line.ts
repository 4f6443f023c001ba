// A line of the listener's access log, as a call.
import type { ToldCall } from '../../server/domain/calls/tally.ts'
import { sampledOneIn } from '../../server/domain/calls/telling.ts'
import { type Ended, whoseError } from '../../server/domain/calls/whose-error.ts'
import { calledFunction } from '../../server/domain/route/function-path.ts'
import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import { firstFailure, nothing, parseLine } from './line.ts'

const some = (field: string) => (field === nothing || field === '' ? null : field)
const number = (field: string) => (/^\d{1,10}$/.test(field) ? Number(field) : 0)

export type Known = {
  /** What the route of a bucket says; undefined: there is no such bucket. */
  readonly tableOf: (bucket: string) => RouteTable | null | undefined
  /** The id of the deployment at a host. */
  readonly deploymentAt: (host: string) => string
}

/** It failed, so that another line, which stands for it alone, tells of it: access-log.ts. */
const isSurelyTold = ({ status, flags }: Pick<Ended, 'status' | 'flags'>) =>
  status >= firstFailure || flags.some((flag) => some(flag) !== null)

/** In ms: Envoy's clocks are so exact. */
const exactTo = 5
/** `timeoutMs`: 0: a call may last for ever. */
const isEarly = (ms: number, { timeoutMs }: Pick<RouteTable, 'timeoutMs'>) =>
  timeoutMs === 0 || ms < timeoutMs - exactTo

/** undefined: it is no line of that log, or another one tells of the call. */
export function readLine(text: string, { tableOf, deploymentAt }: Known): ToldCall | undefined {
  const told = parseLine(text)
  if (!told) return undefined
  const [bucket, host] = [told('bucket'), told('host')]
  const table = tableOf(bucket)
  const ended = {
    status: number(told('status')),
    flags: told('flags').split(','),
    details: told('details'),
    retries: Math.max(0, number(told('tries')) - 1),
    routed: (table?.clusters.length ?? 0) > 0,
    early: table != null && isEarly(number(told('ms')), table),
    keyRefused: some(told('refusal')) !== null,
  }
  const standsFor = number(told('weight'))
  const isSampled = standsFor === sampledOneIn && !isSurelyTold(ended)
  if (standsFor !== 1 && !isSampled) return undefined
  return {
    weight: standsFor,
    bucket: table === undefined ? null : bucket,
    deployment: some(host) && deploymentAt(host),
    function: some(told('noted')) ?? calledFunction(told('path')) ?? null,
    status: ended.status,
    ms: number(told('ms')),
    retries: ended.retries,
    whose: whoseError(ended),
  }
}
