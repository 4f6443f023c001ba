// Bytes go straight between this machine and the store; where the store cannot be reached from here, through FaDO.
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Target } from '../connection.ts'
import { answeredBy, CommandFailure, exitCodes } from '../failure.ts'
import { type BoundedRequest, type Bounds, boundedRequest } from './bounded-request.ts'

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

/** Milliseconds. */
export type Patience = Bounds & {
  /** As `silentMs`, of FaDO, which gives a store up after 60 s. */
  readonly fadoMs: number
}

const usual: Patience = { connectMs: 4_000, quietMs: 3_000, silentMs: 15_000, fadoMs: 75_000 }
const tries = 4

/** As FaDO reads it: each part of a key encoded, dots too, so that no address resolves them. */
export const objectPath = (bucket: string, key: string): string =>
  `/api/objects/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/').replaceAll('.', '%2E')}`

/** `note`: tells people, once of each, that a store or FaDO is silent, and that a store is passed by. */
export function createWays(
  { url: graphql, token }: Target,
  note: (text: string) => void,
  patience: Patience = usual,
): Ways {
  const fado = graphql.replace(/\/graphql$/, '')
  const bearer = { authorization: `Bearer ${token}` }
  const silent = new Set<string>()
  const reached = new Set<string>()
  const said = new Set<string>()

  function say(text: string): void {
    if (!said.has(text)) note(text)
    said.add(text)
  }
  function passBy(url: string): void {
    const { origin } = new URL(url)
    say(`The store at ${origin} cannot be reached from here: the way is through FaDO.`)
    silent.add(origin)
  }
  const isSilent = (url: string) => silent.has(new URL(url).origin)

  type Asked = Omit<BoundedRequest, 'onQuiet'>
  const askStore = (asked: Asked) =>
    boundedRequest(
      { ...asked, onQuiet: () => say(`The store at ${new URL(asked.url).origin} is silent. It is waited for.`) },
      patience,
    )
  const askFado = ({ url: through, ...asked }: Asked) =>
    boundedRequest(
      {
        ...asked,
        url: `${fado}${through}`,
        headers: { ...asked.headers, ...bearer },
        onQuiet: () => say(`FaDO at ${fado}, which asks the store, is silent. It is waited for.`),
      },
      { ...patience, silentMs: patience.fadoMs },
    )

  /** Broken: a later try may better it. */
  async function sendOnce({
    body,
    contentType,
    direct,
    through,
  }: Piece): Promise<IncomingMessage | 'silent' | 'broken'> {
    const address = await direct()
    if (address !== null && !isSilent(address.url)) {
      const headers = Object.fromEntries(address.headers.map(({ name, value }) => [name, value]))
      const answer = await askStore({ method: 'PUT', url: address.url, headers, body })
      const { origin } = new URL(address.url)
      if (typeof answer !== 'string') {
        reached.add(origin)
        return answer
      }
      if (reached.has(origin)) return 'broken'
      passBy(address.url)
    }
    return askFado({ method: 'PUT', url: through, headers: { 'content-type': contentType }, body })
  }

  return {
    async send(piece) {
      for (let tried = 1; ; tried++) {
        const answer = await sendOnce(piece)
        if (answer === 'silent') throw unreachable()
        if (answer !== 'broken') {
          const { statusCode = 0, headers } = answer
          if (statusCode >= 200 && statusCode < 300 && headers.etag) {
            answer.resume()
            return headers.etag
          }
          const mayHelp = statusCode >= 500 || statusCode === 403
          if (!mayHelp || tried === tries) throw await refused(answer)
          answer.resume()
        }
        if (tried === tries) throw unreachable()
        await delay(250 * 2 ** tried)
      }
    },
    async open(url, through, signal) {
      const get = { method: 'GET', headers: {}, signal } as const
      if (!isSilent(url)) {
        const answer = await askStore({ ...get, url })
        if (signal.aborted) throw signal.reason
        if (typeof answer !== 'string') {
          if (answer.statusCode === 200) return answer
          throw await refused(answer)
        }
        passBy(url)
      }
      const answer = await askFado({ ...get, url: through })
      if (signal.aborted) throw signal.reason
      if (typeof answer === 'string') throw unreachable()
      if (answer.statusCode === 200) return answer
      throw await refused(answer)
    },
  }
}

const unreachable = () =>
  new CommandFailure(
    exitCodes.unreachable,
    'Neither the store nor FaDO answers: try again, an upload goes on where it was',
  )

async function refused(answer: IncomingMessage): Promise<CommandFailure> {
  const chunks = await answer.toArray().catch(() => [])
  return failureOf(answer.statusCode ?? 0, Buffer.concat(chunks).toString())
}

/** FaDO says why; what a store says is not repeated. */
function failureOf(status: number, text: string): CommandFailure {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } }
    return answeredBy(error.message, error.code)
  } catch {
    return new CommandFailure(exitCodes.refused, `The store refused it with the status ${status}`)
  }
}
