// What `fado get conformance` shows.
import {
  CliConformanceDocument,
  CliConformanceOfDocument,
  type CliConformancePartsFragment,
} from '../../graphql/generated/operations.ts'
import { type Api, allPages } from './api.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import type { Column } from './output.ts'

type Month = CliConformancePartsFragment['replicas'][number]['conformance'][number] & {
  readonly bucket: string
  readonly store: string
}

/** Each bucket brings the months of its replicas along. */
const pageSize = 5

async function bucketsOf(api: Api, name: string | undefined): Promise<readonly CliConformancePartsFragment[]> {
  if (name === undefined)
    return allPages(async (after) => (await api.run(CliConformanceDocument, { first: pageSize, after })).buckets)
  const { bucket } = await api.run(CliConformanceOfDocument, { bucket: name })
  if (bucket === null) throw new CommandFailure(exitCodes.refused, `There is no bucket ${name} (NOT_FOUND)`)
  return [bucket]
}

/** A line for each month of each copy. */
export const loadConformance = async (api: Api, name?: string): Promise<readonly Month[]> =>
  (await bucketsOf(api, name)).flatMap(({ name: bucket, replicas }) =>
    replicas.flatMap(({ storageDeployment, conformance }) =>
      conformance.map((month) => ({ ...month, bucket, store: storageDeployment.name })),
    ),
  )

/** 100 only for all of them. */
const percent = (share: number): string => `${share >= 1 ? 100 : Math.floor(share * 10_000) / 100} %`

export const conformanceColumns: readonly Column<Month>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket },
  { title: 'STORE', of: ({ store }) => store },
  { title: 'MONTH', of: ({ month }) => month },
  { title: 'CHANGES', of: ({ changes }) => changes },
  { title: 'ON TIME', of: ({ onTime, objectiveSeconds }) => `${percent(onTime)} within ${objectiveSeconds} s` },
  { title: 'SLOWEST', of: ({ slowest }) => `${Math.round(slowest.seconds * 10) / 10} s` },
  { title: 'AT', of: ({ slowest }) => slowest.at },
  { title: 'OBJECT', of: ({ slowest }) => slowest.key },
  { title: 'LATE FOR', of: ({ slowest }) => slowest.cause.message },
]
