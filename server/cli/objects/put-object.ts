import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream, openAsBlob } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  CliUploadBeginDocument,
  CliUploadCompleteDocument,
  CliUploadPartsDocument,
  type UploadBeginInput,
} from '../../../graphql/generated/operations.ts'
import { type Api, accepted } from '../api.ts'
import { CommandFailure, exitCodes } from '../failure.ts'
import { objectPath, type Ways } from './ways.ts'

export type FileToPut = { readonly blob: Blob; readonly idempotencyKey: string | null; end(): Promise<void> }
export type PutTo = Pick<UploadBeginInput, 'bucket' | 'key' | 'metadata' | 'tags'> & { readonly contentType: string }
type Tell = (sent: number, size: number) => void

const partsAtOnce = 4

/** A file, or with `-` all that standard input gives: an upload needs to know how much that is. */
export async function sourceOf(name: string, input: NodeJS.ReadableStream): Promise<FileToPut> {
  if (name === '-') return spooled(input)
  const file = await stat(name).catch(() => undefined)
  if (file === undefined || !file.isFile()) {
    const why = file === undefined ? 'cannot be read' : 'is no file'
    throw new CommandFailure(exitCodes.failed, `${name} ${why}`)
  }
  const blob = await openAsBlob(name)
  // The same file again goes on where it was cut.
  return { blob, idempotencyKey: `cli ${file.size} ${file.mtimeMs} ${file.ino}`, end: async () => undefined }
}

async function spooled(input: NodeJS.ReadableStream): Promise<FileToPut> {
  const name = path.join(os.tmpdir(), `fado-${randomUUID()}`)
  const end = () => rm(name, { force: true })
  try {
    await pipeline(input, createWriteStream(name, { mode: 0o600 }))
    return { blob: await openAsBlob(name), idempotencyKey: null, end }
  } catch (error) {
    await end()
    throw error
  }
}

export async function putObject(api: Api, ways: Ways, to: PutTo, { blob, idempotencyKey }: FileToPut, tell: Tell) {
  const { bucket, key, contentType } = to
  const begin = async () => {
    const input = { ...to, size: blob.size, idempotencyKey }
    return accepted((await api.run(CliUploadBeginDocument, { input })).uploadBegin).upload
  }
  const { id, partSize, parts, ...first } = await begin()
  const complete = async (sent: object) =>
    accepted((await api.run(CliUploadCompleteDocument, { input: { id, ...sent } })).uploadComplete).object
  tell(0, blob.size)
  if (partSize === null) {
    const { method, url, headers } = first
    const direct = async () => (method === null || url === null ? null : { method, url, headers })
    const etag = await ways.send({ body: blob, contentType, direct, through: objectPath(bucket, key) })
    tell(blob.size, blob.size)
    return complete({ etag })
  }
  const partOf = (number: number) => blob.slice((number - 1) * partSize, number * partSize)
  const etags = new Map<number, string>()
  let sent = 0
  const note = (number: number, etag: string) => {
    etags.set(number, etag)
    sent += partOf(number).size
    tell(sent, blob.size)
  }
  for (const part of parts) if (await isPart(partOf(part.number), part)) note(part.number, part.etag)
  const waiting = Array.from({ length: Math.ceil(blob.size / partSize) }, (_, i) => i + 1).filter(
    (one) => !etags.has(one),
  )
  const work = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const numbers = [number]
      const direct = async () =>
        accepted((await api.run(CliUploadPartsDocument, { input: { id, numbers } })).uploadParts).parts[0] ?? null
      const query = new URLSearchParams({ upload: id, part: String(number) })
      const through = `${objectPath(bucket, key)}?${query}`
      note(number, await ways.send({ body: partOf(number), contentType, direct, through }))
    }
  }
  await Promise.all(Array.from({ length: partsAtOnce }, work))
  return complete({ parts: [...etags].map(([number, etag]) => ({ number, etag })) })
}

/** Whether the store has just these bytes: where its ETags are no MD5 they are sent again. */
async function isPart(body: Blob, there: { readonly size: number; readonly etag: string }): Promise<boolean> {
  if (there.size !== body.size) return false
  const hash = createHash('md5')
  for await (const chunk of body.stream()) hash.update(chunk)
  return hash.digest('hex') === there.etag
}
