// What `fado get calls` shows: the last minute.
import { CliCallsDocument, type CliCallsQuery } from '../../graphql/generated/operations.ts'
import type { Api } from './api.ts'
import type { Column } from './output.ts'

type Stats = CliCallsQuery['invocationStats']
type Figures = Omit<Stats['rows'][number], '__typename' | 'bucket' | 'cluster'>
/** A bucket at one cluster; or, where one bucket is asked for, one of its functions. */
export type CallLine = Figures & {
  readonly bucket: string
  readonly cluster: string
  readonly function: string | null
  readonly deployment: string | null
}

export async function loadCalls(api: Api, bucket?: string): Promise<readonly CallLine[]> {
  const { rows, functions } = (await api.run(CliCallsDocument, { bucket: bucket ?? null })).invocationStats
  const whole = rows.map((row) => ({ ...row, cluster: row.cluster.name, function: null, deployment: null }))
  if (bucket === undefined) return whole
  const parts = functions.map((row) => ({ ...row, bucket, cluster: row.cluster.name, deployment: row.deployment.url }))
  return [...whole, ...parts]
}

/** Functions that have no figures of their own are told together. */
const functionWord = ({ function: name, deployment }: CallLine): string =>
  name ?? (deployment === null ? '(all)' : '(others)')

/** Two figures, or whole numbers. */
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2))))
const ms = (value: number | null) => (value === null ? null : `${figure(value)} ms`)

export const callColumns: readonly Column<CallLine>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket },
  { title: 'CLUSTER', of: ({ cluster }) => cluster },
  { title: 'FUNCTION', of: functionWord },
  { title: 'AT', of: ({ deployment }) => deployment },
  { title: 'CALLS/S', of: ({ callsPerSecond }) => figure(callsPerSecond) },
  { title: 'P50', of: ({ p50Ms }) => ms(p50Ms) },
  { title: 'P95', of: ({ p95Ms }) => ms(p95Ms) },
  { title: 'P99', of: ({ p99Ms }) => ms(p99Ms) },
  { title: 'FUNCTION ERRORS/S', of: ({ functionErrors }) => figure(functionErrors) },
  { title: 'PLATFORM ERRORS/S', of: ({ platformErrors }) => figure(platformErrors) },
  { title: 'KEY ERRORS/S', of: ({ keyErrors }) => figure(keyErrors) },
  { title: 'FADO ERRORS/S', of: ({ fadoErrors }) => figure(fadoErrors) },
  { title: 'REFUSED/S', of: ({ refused }) => figure(refused) },
  { title: 'GIVEN UP/S', of: ({ givenUp }) => figure(givenUp) },
  { title: 'RETRIES/S', of: ({ retries }) => figure(retries) },
]
