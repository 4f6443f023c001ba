import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CliDownloadUrlDocument } from '../../../graphql/generated/operations.ts'
import type { Api } from '../api.ts'
import { CommandFailure, exitCodes } from '../failure.ts'
import { objectPath, type Ways } from './ways.ts'

export type GetFrom = { readonly bucket: string; readonly key: string; readonly store: string | undefined }

/** Into a file of this name, which is there only once it is whole; `-`: to standard output. Resolves to its size. */
export async function getObject(
  api: Api,
  ways: Ways,
  { bucket, key, store }: GetFrom,
  file: string,
  tell: (got: number, size: number) => void,
): Promise<number> {
  const variables = { bucket, key, storageDeployment: store ?? null }
  const { downloadUrl } = await api.run(CliDownloadUrlDocument, variables)
  const query = store === undefined ? '' : `?${new URLSearchParams({ store })}`
  const stop = new AbortController()
  const interrupt = () => stop.abort(new CommandFailure(exitCodes.interrupted, 'Interrupted: nothing was written'))
  process.once('SIGINT', interrupt)
  const temporary = `${file}.${randomUUID().slice(0, 8)}.part`
  try {
    const answer = await ways.open(downloadUrl.url, `${objectPath(bucket, key)}${query}`, stop.signal)
    const size = Number(answer.headers['content-length'] ?? 0)
    let got = 0
    answer.on('data', (chunk: Buffer) => {
      got += chunk.length
      tell(got, size)
    })
    if (file === '-') await pipeline(answer, process.stdout, { end: false, signal: stop.signal })
    else {
      await pipeline(answer, createWriteStream(temporary, { flags: 'wx' }), { signal: stop.signal })
      await rename(temporary, file)
    }
    return got
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof CommandFailure) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(exitCodes.failed, `${JSON.stringify(key)} could not be got: ${why}`, { cause: error })
  } finally {
    process.off('SIGINT', interrupt)
    await rm(temporary, { force: true })
  }
}
