import type { ClientRequest, IncomingMessage } from 'node:http'

/**
 * The head of the answer; `request` is sent with this. Rejects where none comes, and in any case when the request has ended:
 * of one whose connection speaks something else from now on (101), nothing else tells.
 */
export function answerHead(request: ClientRequest, body?: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.on('response', resolve)
  request.on('error', reject)
  request.on('close', () => reject(Object.assign(new Error('It hung up'), { code: 'ECONNRESET' })))
  request.end(body)
  return promise
}
