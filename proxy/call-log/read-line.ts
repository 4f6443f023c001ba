// A line of the listener's access log (resources/access-log.ts), as a call.
import type { Call } from '../../server/domain/calls/tally.ts'
import { whoseError } from '../../server/domain/calls/whose-error.ts'
import { calledFunction } from '../../server/domain/explain/function-path.ts'
import type { RouteTable } from '../../server/domain/route/routing-table.ts'

const nothing = '-'
const some = (field: string) => (field === nothing || field === '' ? null : field)
const number = (field: string) => (/^\d{1,10}$/.test(field) ? Number(field) : 0)

export type Known = {
  /** What the route of a bucket says; undefined: there is no such bucket. */
  readonly tableOf: (bucket: string) => RouteTable | null | undefined
  /** The id of the deployment at a host. */
  readonly deploymentAt: (host: string) => string
}

/** undefined: it is no line of that log. */
export function readLine(line: string, { tableOf, deploymentAt }: Known): Call | undefined {
  const fields = line.split('\n')
  const [host, status, flags, details, tries, ms, bucket, noted, path, ...more] = fields
  if (host === undefined || status === undefined || flags === undefined || details === undefined) return undefined
  if (tries === undefined || ms === undefined || bucket === undefined || noted === undefined) return undefined
  if (path === undefined || more.length > 0) return undefined
  const table = tableOf(bucket)
  const ended = {
    status: number(status),
    flags: flags.split(','),
    details,
    retries: Math.max(0, number(tries) - 1),
    routed: (table?.clusters.length ?? 0) > 0,
  }
  return {
    bucket: table === undefined ? null : bucket,
    deployment: some(host) && deploymentAt(host),
    function: some(noted) ?? calledFunction(path) ?? null,
    status: ended.status,
    ms: number(ms),
    retries: ended.retries,
    whose: whoseError(ended),
  }
}
