// One request of FaDO's own to an address that somebody gave: over a connection of its own, never to where no call may go, and
// not on to where an answer leads.
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import { answerHead } from './answer-head.ts'
import type { ForbiddenTarget } from './forbidden-target.ts'
import { addressesOfHost, lookupBy, type ResolveHost } from './host-addresses.ts'
import { hostOf, portOf } from './host-and-port.ts'

export type MayAsk = {
  readonly forbiddenTarget: ForbiddenTarget
  /** How names become addresses; default: as the machine does. */
  readonly resolve?: ResolveHost
}

export type Question = {
  readonly url: URL
  readonly headers?: http.OutgoingHttpHeaders
  /** It is posted; absent: the url is got. */
  readonly body?: string
  /** On https; absent: whom the machine trusts is believed. */
  readonly tls?: { readonly secureContext: SecureContext; readonly rejectUnauthorized: boolean }
  readonly signal: AbortSignal
  /** Of the answer. */
  readonly mostBytes: number
}

export type AnsweredOnce = { readonly status: number; readonly text: string }

/** What the other side says, or where it is, is wrong: goes on a sentence about it. */
export class WrongAnswer extends Error {}

/** Rejects where no whole answer comes. */
export async function askOnce(mayAsk: MayAsk, question: Question): Promise<AnsweredOnce> {
  const response = await answerTo(question, lookupOf(mayAsk, question.url))
  try {
    return { status: response.statusCode ?? 0, text: await bodyOf(response, question.mostBytes) }
  } finally {
    response.destroy()
  }
}

async function answerTo(
  { url, headers = {}, body, tls, signal }: Question,
  lookup: LookupFunction,
): Promise<http.IncomingMessage> {
  const method = body === undefined ? 'GET' : 'POST'
  const options = { agent: false, lookup, signal, method, headers }
  const request = url.protocol === 'https:' ? https.request(url, { ...options, ...tls }) : http.request(url, options)
  return answerHead(request, body)
}

/** What is connected to is what was judged: a name that is asked for twice may have another address then. */
function lookupOf({ forbiddenTarget, resolve = addressesOfHost }: MayAsk, url: URL): LookupFunction {
  const refuse = (address: string): void => {
    const why = forbiddenTarget(address, portOf(url))
    if (why !== undefined) throw new WrongAnswer(`it is ${why}`)
  }
  // Of an address no name is looked up.
  const host = hostOf(url)
  if (isIP(host)) refuse(host)
  const allowed: ResolveHost = (name) =>
    resolve(name).then((found) => {
      for (const { address } of found) refuse(address)
      return found
    })
  return lookupBy(allowed)
}

async function bodyOf(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw new WrongAnswer(`it answers more than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
