// The way to a store, with faults: it knows where the heads and bodies of requests and answers begin and end, and breaks the
// connection at the place that it is told for each request, or answers in the store's place.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** The last byte of the message that still passes. */
export type CutAt = 'nothing' | 'in-head' | 'head' | 'in-body' | 'before-last' | 'all'
/** Of a request `all` means that its answer is lost; of an answer, that the connection ends behind it. */
export type Cut = { readonly of: 'request' | 'answer'; readonly at: CutAt }
/** A whole answer, in HTTP's own words; the connection ends with it. */
export type Instead = { readonly answer: string }

/** As S3 refuses a request: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function refusal(status: string, code: string): Instead {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`
  const head = `content-type: application/xml\r\nx-minio-error-code: ${code}\r\ncontent-length: ${body.length}\r\nconnection: close`
  return { answer: `HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}` }
}

const places: readonly CutAt[] = ['nothing', 'in-head', 'head', 'in-body', 'before-last', 'all']
/** Every class of byte boundary at which a call can break. */
export const allCuts: readonly Cut[] = (['request', 'answer'] as const).flatMap((of) =>
  places.map((at) => ({ of, at })),
)

/** How many bytes of a message pass. */
function passing(at: CutAt, head: number, body: number): number {
  switch (at) {
    case 'nothing':
      return 0
    case 'in-head':
      return Math.floor(head / 2)
    case 'head':
      return head
    case 'in-body':
      return head + Math.floor(body / 2)
    case 'before-last':
      return head + body - 1
    case 'all':
      return head + body
  }
}

const endOfHead = Buffer.from('\r\n\r\n')

/** Cuts a stream of messages into them: heads whole, bodies as they come. */
function messages(onHead: (head: string) => { readonly hasBody: boolean }) {
  let kept = Buffer.alloc(0)
  let left = 0
  let sizes = { head: 0, body: 0 }
  let passed = 0
  return {
    /** Hands on what has come, message by message. `passed`: bytes of the message before these. */
    take(data: Buffer, hand: (bytes: Buffer, of: { head: number; body: number; passed: number }) => void): void {
      let rest = Buffer.concat([kept, data])
      kept = Buffer.alloc(0)
      while (rest.length > 0) {
        if (left === 0) {
          const end = rest.indexOf(endOfHead)
          if (end < 0) {
            kept = rest
            return
          }
          const head = rest.subarray(0, end + endOfHead.length)
          const { hasBody } = onHead(head.toString('latin1'))
          const length = /\r\ncontent-length: *(\d+)/i.exec(head.toString('latin1'))?.[1]
          sizes = { head: head.length, body: hasBody ? Number(length ?? 0) : 0 }
          passed = 0
          left = sizes.head + sizes.body
        }
        const bytes = rest.subarray(0, left)
        hand(bytes, { ...sizes, passed })
        passed += bytes.length
        left -= bytes.length
        rest = rest.subarray(bytes.length)
      }
    },
  }
}

export type FaultyWay = { readonly endpoint: string }

/** `faultOf` is asked once for each request, by its method and path, and how many others are under way; null: it passes. */
export async function startFaultyWay(
  endpoint: string,
  faultOf: (request: string, underWay: number) => Cut | Instead | null,
): Promise<FaultyWay> {
  const port = Number(new URL(endpoint).port)
  const open = new Set<Socket>()
  const underWay = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        underWay.delete(near)
        end()
      })
    }
    let fault: Cut | Instead | null = null
    let method = ''
    const carry =
      (of: Cut['of'], to: Socket) => (bytes: Buffer, at: { head: number; body: number; passed: number }) => {
        if (fault !== null && 'answer' in fault) {
          if (of === 'request' && at.passed === 0) near.end(fault.answer)
          return
        }
        if (of === 'answer' && at.passed + bytes.length === at.head + at.body) underWay.delete(near)
        if (fault?.of !== of) return void to.write(bytes)
        const most = passing(fault.at, at.head, at.body) - at.passed
        if (bytes.length < most) return void to.write(bytes)
        to.write(bytes.subarray(0, Math.max(0, most)), end)
      }
    const requests = messages((head) => {
      const [name = '', path = ''] = head.split(' ', 2)
      method = name
      fault = faultOf(`${name} ${path}`, underWay.size)
      if (fault === null || !('answer' in fault)) underWay.add(near)
      return { hasBody: true }
    })
    const answers = messages((head) => ({ hasBody: method !== 'HEAD' && !/^HTTP\/1.1 (1\d\d|204|304)/.test(head) }))
    near.on('data', (data) => requests.take(data, carry('request', far)))
    far.on('data', (data) => answers.take(data, carry('answer', near)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
