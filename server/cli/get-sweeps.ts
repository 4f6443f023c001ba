// What `fado get sweeps` shows.
import {
  type CliSweepPartsFragment,
  CliSweepsDocument,
  CliSweepsOfDocument,
} from '../../graphql/generated/operations.ts'
import { durationWords } from '../domain/duration-words.ts'
import { counted } from '../domain/reason.ts'
import { type Api, allPages } from './api.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import type { Column } from './output.ts'

type Sweep = CliSweepPartsFragment['sweeps'][number] & { readonly bucket: string }

const pageSize = 50

async function bucketsOf(api: Api, name: string | undefined): Promise<readonly CliSweepPartsFragment[]> {
  if (name === undefined)
    return allPages(async (after) => (await api.run(CliSweepsDocument, { first: pageSize, after })).buckets)
  const { bucket } = await api.run(CliSweepsOfDocument, { bucket: name })
  if (bucket === null) throw new CommandFailure(exitCodes.refused, `There is no bucket ${name} (NOT_FOUND)`)
  return [bucket]
}

/** A line for each master and each copy. */
export const loadSweeps = async (api: Api, name?: string): Promise<readonly Sweep[]> =>
  (await bucketsOf(api, name)).flatMap(({ name: bucket, sweeps }) => sweeps.map((sweep) => ({ ...sweep, bucket })))

export const sweepColumns: readonly Column<Sweep>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket },
  { title: 'STORE', of: ({ storageDeployment }) => storageDeployment.name },
  { title: 'COPY', of: ({ isMaster }) => (isMaster ? 'master' : 'replica') },
  { title: 'EVERY', of: ({ everySeconds }) => durationWords(Math.round(everySeconds)) },
  { title: 'LAST', of: ({ lastAt }) => lastAt ?? 'never' },
  { title: 'NEXT', of: ({ nextAt }) => nextAt ?? 'now' },
  { title: 'FOUND RIGHT', of: ({ quietLooks }) => counted(quietLooks, 'time') },
  { title: 'REQUESTS A DAY', of: ({ requestsPerDay }) => Math.ceil(requestsPerDay) },
  { title: 'BECAUSE', of: ({ reason }) => `${reason.message} (${reason.code})` },
]
