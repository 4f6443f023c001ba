// Bytes go straight between this machine and the store; where the store cannot be reached from here, through FaDO.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Target } from '../connection.ts'
import { CommandFailure, exitCodes } from '../failure.ts'

export type Address = {
  readonly method: string
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** `direct` null: only through FaDO. */
export type Piece = {
  readonly body: Blob
  readonly contentType: string
  readonly direct: () => Promise<Address | null>
  /** Path and query of the way through FaDO. */
  readonly through: string
}

export type Ways = {
  /** Resolves to the ETag that was answered. */
  send(piece: Piece): Promise<string>
  /** An answer of 200 with its body still to be read. */
  open(url: string, through: string, signal: AbortSignal): Promise<IncomingMessage>
}

const tries = 4
const silentMs = 60_000

/** As FaDO reads it: each part of a key encoded, dots too, so that no address resolves them. */
export const objectPath = (bucket: string, key: string): string =>
  `/api/objects/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/').replaceAll('.', '%2E')}`

/** `note`: tells people, once, that a store is passed by. */
export function createWays({ url: graphql, token }: Target, note: (text: string) => void): Ways {
  const fado = graphql.replace(/\/graphql$/, '')
  const bearer = { authorization: `Bearer ${token}` }
  const silent = new Set<string>()
  const reached = new Set<string>()

  function passBy(url: string): void {
    const { origin } = new URL(url)
    if (!silent.has(origin)) note(`The store at ${origin} cannot be reached from here: the way is through FaDO.`)
    silent.add(origin)
  }
  const isSilent = (url: string) => silent.has(new URL(url).origin)

  async function put(url: string, headers: Record<string, string>, body: Blob): Promise<Response | undefined> {
    return fetch(url, { method: 'PUT', headers, body }).catch(() => undefined)
  }

  /** Undefined: there was no answer, or one that a later try may better. */
  async function sendOnce({ body, contentType, direct, through }: Piece): Promise<Response | undefined> {
    const address = await direct()
    if (address !== null && !isSilent(address.url)) {
      const headers = Object.fromEntries(address.headers.map(({ name, value }) => [name, value]))
      const answer = await put(address.url, headers, body)
      const { origin } = new URL(address.url)
      if (answer !== undefined) {
        reached.add(origin)
        return answer
      }
      if (reached.has(origin)) return undefined // it broke off
      passBy(address.url)
    }
    return put(`${fado}${through}`, { ...bearer, 'content-type': contentType }, body)
  }

  return {
    async send(piece) {
      for (let tried = 1; ; tried++) {
        const answer = await sendOnce(piece)
        const etag = answer?.headers.get('etag')
        if (answer?.ok && etag) return etag
        const mayHelp = answer === undefined || answer.status >= 500 || answer.status === 403
        if (!mayHelp || tried === tries) throw await refused(answer)
        await delay(250 * 2 ** tried)
      }
    },
    async open(url, through, signal) {
      if (!isSilent(url)) {
        const answer = await get(url, {}, signal).catch(() => undefined)
        if (signal.aborted) throw signal.reason
        if (answer?.statusCode === 200) return answer
        if (answer !== undefined) throw await refusedRead(answer)
        passBy(url)
      }
      const answer = await get(`${fado}${through}`, bearer, signal).catch(() => undefined)
      if (signal.aborted) throw signal.reason
      if (answer?.statusCode === 200) return answer
      throw answer === undefined ? unreachable() : await refusedRead(answer)
    },
  }
}

const unreachable = () =>
  new CommandFailure(
    exitCodes.unreachable,
    'Neither the store nor FaDO answers: try again, an upload goes on where it was',
  )

/** The bytes as they are stored: fetch would unpack what is stored packed. */
function get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const client = url.startsWith('https:') ? https : http
  const request = client.get(url, { headers, signal }, resolve).on('error', reject)
  request.setTimeout(silentMs, () => request.destroy(new Error('silence')))
  return promise
}

async function refused(answer: Response | undefined): Promise<CommandFailure> {
  return answer === undefined ? unreachable() : failureOf(answer.status, await answer.text().catch(() => ''))
}

async function refusedRead(answer: IncomingMessage): Promise<CommandFailure> {
  const chunks = await answer.toArray().catch(() => [])
  return failureOf(answer.statusCode ?? 0, Buffer.concat(chunks).toString())
}

/** FaDO says why; what a store says is not repeated. */
function failureOf(status: number, text: string): CommandFailure {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } }
    return new CommandFailure(exitCodes.refused, `${error.message} (${error.code})`, { code: error.code })
  } catch {
    return new CommandFailure(exitCodes.refused, `The store refused it with the status ${status}`)
  }
}
