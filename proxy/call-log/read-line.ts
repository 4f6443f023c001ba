// A line of the listener's access log (resources/access-log.ts), as a call.
import type { ToldCall } from '../../server/domain/calls/tally.ts'
import { sampledOneIn } from '../../server/domain/calls/telling.ts'
import { type Ended, whoseError } from '../../server/domain/calls/whose-error.ts'
import { calledFunction } from '../../server/domain/route/function-path.ts'
import type { RouteTable } from '../../server/domain/route/routing-table.ts'

const fieldCount = 11
const nothing = '-'
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
  status >= 500 || flags.some((flag) => some(flag) !== null)

/** undefined: it is no line of that log, or another one tells of the call. */
export function readLine(line: string, { tableOf, deploymentAt }: Known): ToldCall | undefined {
  const fields = line.split('\n')
  if (fields.length !== fieldCount) return undefined
  const [weight = '', host = '', status = '', flags = '', details = '', tries = '', ms = '', ...of] = fields
  const [bucket = '', noted = '', refusal = '', path = ''] = of
  const table = tableOf(bucket)
  const ended = {
    status: number(status),
    flags: flags.split(','),
    details,
    retries: Math.max(0, number(tries) - 1),
    routed: (table?.clusters.length ?? 0) > 0,
    keyRefused: some(refusal) !== null,
  }
  const standsFor = number(weight)
  const isSampled = standsFor === sampledOneIn && !isSurelyTold(ended)
  if (standsFor !== 1 && !isSampled) return undefined
  return {
    weight: standsFor,
    bucket: table === undefined ? null : bucket,
    deployment: some(host) && deploymentAt(host),
    function: some(noted) ?? calledFunction(path) ?? null,
    status: ended.status,
    ms: number(ms),
    retries: ended.retries,
    whose: whoseError(ended),
  }
}
