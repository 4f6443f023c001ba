// AWS Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { isAscii } from 'node:buffer'
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { type Spaces, squeeze } from './canonical-spaces.ts'

export type SigningOptions = {
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

type UnsignedRequest = {
  readonly method: string
  /** Scheme, host and port that the request goes to. */
  readonly endpoint: URL
  /** Already encoded, as it goes over the wire. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names; values are octets as latin1. */
  readonly headers: Readonly<Record<string, string>>
}

export type RequestSigner = {
  /** The headers with the signature; `payload` is the body's SHA-256 in hex or UNSIGNED-PAYLOAD. */
  sign(request: UnsignedRequest, payload: string, spaces: Spaces): Promise<Record<string, string>>
  /** The query parameters that make the request allowed for anyone; all of its headers must be sent along. */
  presign(request: UnsignedRequest, expiresInSeconds: number): Promise<Record<string, string>>
}

export const unsignedPayload = 'UNSIGNED-PAYLOAD'

/**
 * What describes an object is not signed, but for x-amz-*, which S3 wants signed: its octets may be any, and stores and
 * signers disagree on how they are read. Nor is what a proxy may rewrite.
 */
const unsignedHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
  'accept-encoding',
])

export const isSigned = (name: string): boolean => !unsignedHeaders.has(name)

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function createRequestSigner({ region, accessKey, secretKey }: SigningOptions): RequestSigner {
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    sha256: NodeSha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
  return {
    async sign(request, payload, spaces) {
      const headers = { ...request.headers, host: request.endpoint.host, 'x-amz-content-sha256': payload }
      const signable = Object.entries(headers).filter(([name]) => isSigned(name))
      const canonical = Object.fromEntries(signable.map(([name, value]) => [name, squeeze(value, spaces)]))
      return { ...(await signer.sign(toSmithy(request, canonical))).headers, ...headers }
    },
    async presign(request, expiresIn) {
      const headers = { ...request.headers, host: request.endpoint.host, 'X-Amz-Content-Sha256': unsignedPayload }
      // All must stay headers (a store keeps no x-amz-meta-* that comes in the query) and all must be signed, also
      // cache-control, which Smithy leaves out by itself.
      const names = new Set(Object.keys(request.headers))
      const options = { expiresIn, unhoistableHeaders: names, signableHeaders: names }
      const signed = await signer.presign(toSmithy(request, headers), options)
      return Object.fromEntries(Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]))
    },
  }
}

function toSmithy({ method, endpoint, path, query }: UnsignedRequest, headers: Record<string, string>) {
  return { method, protocol: endpoint.protocol, hostname: endpoint.hostname, path, query: { ...query }, headers }
}

/**
 * Smithy hands over UTF-8. A header's octets are what counts (non-ASCII metadata), and we keep those as latin1, so text
 * beyond ASCII is turned back into the octets that go over the wire.
 */
class NodeSha256 {
  private readonly hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toKey(secret))
  }

  update(data: Uint8Array): void {
    this.hash.update(isAscii(data) ? data : Buffer.from(Buffer.from(data).toString('utf8'), 'latin1'))
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }

  reset(): void {}
}

function toKey(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret
  if (secret instanceof ArrayBuffer) return new Uint8Array(secret)
  return new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
}
