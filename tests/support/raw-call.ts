// A call to the octet, for what no HTTP client would send.
import net from 'node:net'

export type RawAnswer = { readonly status: number; readonly head: string; readonly body: string }

/** Answers of status 1xx, before the answer; 101 is one itself. */
const interim = /^(HTTP\/1\.1 1(?!01)\d\d [\s\S]*?\r\n\r\n)+/

/**
 * Sends `text` and, each `dripMs`, one octet more; the answer until its content-length or its last chunk, or until the peer
 * closes. `lines` are joined by CRLF, an empty one ends the head.
 */
export async function rawCall(port: number, lines: readonly string[], dripMs?: number): Promise<RawAnswer> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
  const dripping = dripMs === undefined ? undefined : setInterval(() => socket.write('x'), dripMs)
  let text = ''
  try {
    for await (const chunk of socket) {
      text = (text + (chunk as Buffer).toString('latin1')).replace(interim, '')
      const end = text.indexOf('\r\n\r\n')
      const head = text.slice(0, Math.max(0, end))
      const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
      if (/\r\ntransfer-encoding: chunked/i.test(head) && /\r\n0\r\n(.+\r\n)*\r\n$/.test(text)) break
      if (length !== undefined && text.length >= end + 4 + Number(length)) break
    }
  } catch {
    // A peer that resets has said all that it will.
  } finally {
    clearInterval(dripping)
    socket.destroy()
  }
  const end = text.indexOf('\r\n\r\n')
  return {
    status: Number(text.split(' ')[1] ?? 0),
    head: text.slice(0, Math.max(0, end)),
    body: end < 0 ? '' : text.slice(end + 4),
  }
}
