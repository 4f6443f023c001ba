// A routing proxy whose Envoys take calls over TLS, too, and such calls.
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect } from 'vitest'
import type { Certificates, Pair } from './certificates.ts'
import { freePort } from './free-port.ts'
import { bucketHeader, startRouting } from './routing.ts'
import { tempDir } from './temp-dir.ts'

/** `agent`: default: a connection of its own. */
export type Shown = { readonly pair?: Pair; readonly headers?: http.OutgoingHttpHeaders; readonly agent?: https.Agent }

/** `authority`: who signs the certificate of the ingress. */
export async function startTlsRouting(authority: Certificates) {
  const dir = await tempDir()
  const files = { certificate: path.join(dir, 'crt'), key: path.join(dir, 'key') }
  const replace = async (file: string, text: string) => {
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }
  /** Between the two they do not fit, so they are read once more. */
  const show = async ({ cert, key }: Pair) => {
    await replace(files.key, key)
    await replace(files.certificate, cert)
  }
  await show(await authority.issue(['IP:127.0.0.1']))
  const [ingressPort, tlsPort] = [await freePort(), await freePort()]
  const ingress = { address: '127.0.0.1', port: ingressPort, tls: { port: tlsPort, ...files } }
  const routing = await startRouting({ ingressPort, ingress, rereadMs: 50 })

  async function ask(bucket: string, { pair, headers = {}, agent }: Shown = {}) {
    const request = https.request({
      ...{ host: '127.0.0.1', port: tlsPort, path: '/function/f', ca: authority.ca, ...pair },
      headers: { [bucketHeader]: bucket, ...headers },
      agent: agent ?? false,
    })
    request.end()
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    return { status: response.statusCode ?? 0, headers: response.headers, body, serialNumber }
  }
  const status = async (bucket: string, shown?: Shown) => (await ask(bucket, shown)).status
  /** The same where the connection may end instead. */
  const end = (bucket: string, shown?: Shown) => status(bucket, shown).catch(() => 'ended')
  const until = (bucket: string, shown: Shown, wanted: number | string) =>
    expect.poll(() => end(bucket, shown), { timeout: 10_000, interval: 20 }).toBe(wanted)
  return { ...routing, tlsPort, show, ask, status, end, untilAnswered: until }
}
