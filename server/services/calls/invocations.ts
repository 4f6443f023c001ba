// The figures of calls as they are shown: by bucket and cluster, by cluster, by function.
import { type AgedRow, type Figures, figuresBy, figuresOf } from '../../domain/calls/figures.ts'
import type { CallRow } from '../../domain/calls/tally.ts'

export type InvocationsView = {
  readonly at: Date
  /** By bucket and cluster, the busiest first. */
  readonly rows: readonly (Figures & { readonly bucket: string; readonly clusterId: string })[]
  /** By cluster: what its deployments took. */
  readonly clusters: readonly (Figures & { readonly clusterId: string })[]
  /** By function deployment and function, the busiest first; null: functions without figures of their own. */
  readonly functions: readonly (Figures & {
    readonly clusterId: string
    readonly deploymentId: string
    readonly function: string | null
  })[]
  readonly total: Figures
  /** Of calls that name no bucket of FaDO's; 0 where one bucket is asked for. */
  readonly strayPerSecond: number
}

/** Ids of clusters: of each deployment, and of each bucket's master. */
export type Places = {
  readonly byDeployment: ReadonlyMap<string, string>
  readonly byMaster: ReadonlyMap<string, string>
}

const mostRows = 1_000
const mostFunctions = 200

const separator = '\n'
const key = (...parts: readonly string[]) => parts.join(separator)

/** `bucket`: of its calls alone. What is not there any more, a bucket or a deployment, is only in the total. */
export function invocationsOf(
  { at, rows: all, places }: { readonly at: Date; readonly rows: readonly AgedRow[]; readonly places: Places },
  bucket: string | undefined,
): InvocationsView {
  const isStray = ({ bucket: of, deployment }: CallRow) => of === null && deployment === null
  const rows = all.filter(({ row }) => (bucket === undefined ? !isStray(row) : row.bucket === bucket))
  const taker = ({ deployment }: CallRow) => (deployment === null ? undefined : places.byDeployment.get(deployment))
  /** A call that nobody took is its master's cluster's: that is where a bucket always is. */
  const home = (row: CallRow) =>
    taker(row) ?? (row.deployment === null ? places.byMaster.get(row.bucket ?? '') : undefined)
  const byBucket = figuresBy(rows, (row) => {
    const cluster = home(row)
    return row.bucket === null || cluster === undefined ? undefined : key(row.bucket, cluster)
  })
  const byFunction = figuresBy(rows, (row) =>
    taker(row) === undefined ? undefined : key(row.deployment ?? '', ...(row.function === null ? [] : [row.function])),
  )
  return {
    at,
    rows: [...byBucket].slice(0, mostRows).map(([of, figures]) => {
      const [name = '', clusterId = ''] = of.split(separator)
      return { ...figures, bucket: name, clusterId }
    }),
    clusters: [...figuresBy(rows, taker)].map(([clusterId, figures]) => ({ ...figures, clusterId })),
    functions: [...byFunction].slice(0, mostFunctions).map(([of, figures]) => {
      const [deploymentId = '', name = null] = of.split(separator)
      return { ...figures, clusterId: places.byDeployment.get(deploymentId) ?? '', deploymentId, function: name }
    }),
    total: figuresOf(rows),
    strayPerSecond: bucket === undefined ? figuresOf(all.filter(({ row }) => isStray(row))).callsPerSecond : 0,
  }
}
