// Bytes go straight to the store; where this browser cannot reach it (another network, no CORS, a certificate), through FaDO.
import { NoAnswer, type SendBytes, type Sent, sendBytes } from './send-bytes.ts'

type Piece = Pick<SendBytes, 'body' | 'onSent' | 'signal'>
type Address = { readonly method: string; readonly url: string; readonly headers: SendBytes['headers'] }

export type Ways = {
  /** `direct` null: only through FaDO. Rejects with a `SendFailure`, or with the signal's reason. */
  readonly send: (direct: Address | null, through: string, contentType: string, piece: Piece) => Promise<string>
  /** Whether the page can get this; remembers what it learns of the store. */
  readonly reaches: (url: string) => Promise<boolean>
}

/** `retry`: the same may succeed a while later. `stale`: the address is no longer good. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure'
  readonly kind: 'retry' | 'stale' | 'final'

  constructor(kind: SendFailure['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Then a store that could not be reached is tried again. */
const forgetMs = 300_000
const probeMs = 5_000

export function createWays(send: typeof sendBytes = sendBytes, ask: typeof fetch = (...args) => fetch(...args)): Ways {
  const silent = new Map<string, number>()
  const isSilent = (url: string) =>
    Date.now() - (silent.get(new URL(url).origin) ?? Number.NEGATIVE_INFINITY) < forgetMs
  const noteSilent = (url: string) => void silent.set(new URL(url).origin, Date.now())

  async function direct(address: Address, piece: Piece): Promise<Sent | null> {
    if (isSilent(address.url)) return null
    try {
      const answer = await send({ ...address, ...piece })
      // Without its ETag a part cannot be named in the end.
      if (answer.status < 300 && answer.etag === null) throw new NoAnswer(0)
      return answer
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      // What had begun broke off: the way is there, and is to be tried again.
      if (error.sent > 0 && error.sent < piece.body.size) throw new SendFailure('retry', 'The connection broke off')
      noteSilent(address.url)
      return null
    }
  }
  async function through(url: string, contentType: string, piece: Piece): Promise<Sent> {
    const headers = [{ name: 'content-type', value: contentType }]
    return send({ method: 'PUT', url, headers, ...piece }).catch((error: unknown) => {
      if (error instanceof NoAnswer) throw new SendFailure('retry', 'Neither the store nor FaDO can be reached')
      throw error
    })
  }
  return {
    async send(address, url, contentType, piece) {
      const answer = (address && (await direct(address, piece))) ?? (await through(url, contentType, piece))
      return etagOf(answer)
    },
    async reaches(url) {
      if (isSilent(url)) return false
      const signal = AbortSignal.timeout(probeMs)
      const answered = await ask(url, { headers: { range: 'bytes=0-0' }, signal, credentials: 'omit' }).then(
        (answer) => answer.status < 500,
        () => false,
      )
      if (!answered) noteSilent(url)
      return answered
    },
  }
}

function etagOf({ status, etag, text }: Sent): string {
  if (status < 300 && etag !== null) return etag
  const said = messageOf(text)
  if (status === 403 && said === undefined) throw new SendFailure('stale', 'The store refused the address')
  if (status >= 500 || status === 429) throw new SendFailure('retry', said ?? `It was answered with ${status}`)
  throw new SendFailure('final', said ?? `The store refused it with ${status}`)
}

/** Of FaDO's own answers; what a store says is XML and is not repeated. */
function messageOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } }
    return typeof error?.message === 'string' ? error.message : undefined
  } catch {
    return undefined
  }
}
