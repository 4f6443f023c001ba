// An object as an answer of HTTP: whole or a range of it, and always as a file. What is in a store may be anything, so no
// browser is to take it for a page of FaDO's.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { parseRange } from '../domain/object/byte-range.ts'
import { attachmentOf } from '../domain/object/content-disposition.ts'
import type { OpenForReading } from '../services/objects/stream-object.ts'

const asFile = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-cache',
  'accept-ranges': 'bytes',
}

export async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  { head, open }: OpenForReading,
): Promise<void> {
  const { key, size, metadata } = head
  const etag = `"${head.etag}"`
  const about = { ...asFile, etag, 'last-modified': new Date(head.lastModified).toUTCString() }
  const { range: asked, 'if-range': onlyIf, 'if-none-match': known } = request.headers
  if (known?.split(',').some((one) => one.trim() === etag)) return void response.writeHead(304, about).end()
  // A range of another version than the client has is no use to it.
  const range = onlyIf === undefined || onlyIf === etag ? parseRange(asked, size) : null
  if (range === 'unsatisfiable')
    return void response.writeHead(416, { ...about, 'content-range': `bytes */${size}` }).end()
  const coding = metadata['content-encoding']
  const headers = {
    ...about,
    'content-type': metadata['content-type'] ?? 'application/octet-stream',
    'content-disposition': attachmentOf(key),
    'content-length': range === null ? size : range.end - range.start + 1,
    ...(coding === undefined ? {} : { 'content-encoding': coding }),
    ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
  }
  const status = range === null ? 200 : 206
  if (request.method === 'HEAD') return void response.writeHead(status, headers).end()
  const { body } = await open(range)
  response.writeHead(status, headers)
  await pipeline(body, response).catch((error: unknown) => {
    // Nothing can be said any more: the length that was promised tells the client.
    response.destroy()
    if (!response.writableEnded && request.destroyed) return
    throw error
  })
}
