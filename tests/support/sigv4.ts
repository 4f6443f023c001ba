// Checks signatures of AWS (version 4) with AWS's own library: what it would have signed, and with what result.
import type http from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'

export type AwsKey = {
  readonly accessKey: string
  readonly secretKey: string
  readonly region: string
  readonly service: string
}

/** Whether a request as it came in was signed by this key, all of it that its signature names, and its body. */
export async function isSigned(request: http.IncomingMessage, body: Buffer, key: AwsKey): Promise<boolean> {
  const { authorization = '' } = request.headers
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(authorization) ?? []
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date']))
  if (!date) return false
  const [, year, month, day, hour, minute, second] = date.map(Number)
  const url = new URL(request.url ?? '/', 'http://host')
  const query: Record<string, string | string[]> = {}
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name)
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.accessKey, secretAccessKey: key.secretKey },
    region: key.region,
    service: key.service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signedHeaders = names.split(';')
  const signed = await signer.sign(
    {
      method: request.method ?? '',
      protocol: 'http:',
      hostname: 'host',
      path: url.pathname,
      query,
      headers: Object.fromEntries(signedHeaders.map((name) => [name, String(request.headers[name] ?? '')])),
      body,
    },
    {
      signingDate: new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)),
      signableHeaders: new Set(signedHeaders),
      unsignableHeaders: new Set(),
    },
  )
  return signed.headers['authorization'] === authorization
}
