import type { IncomingMessage } from 'node:http'

/** As far as one body goes; who sends more is told so and loses its connection. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > limit) throw new BodyTooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A page of another site can send other types without asking, but not this one. */
export function isJson(request: IncomingMessage): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim())
  const encoding = request.headers['content-encoding'] ?? 'identity'
  return (
    type.toLowerCase() === 'application/json' &&
    encoding === 'identity' &&
    parameters.every((one) => /^charset="?utf-8"?$/i.test(one) || one === '')
  )
}
