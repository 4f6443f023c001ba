// AWS Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// Our own, because every request of a copy waits for it: a signature of the usual library takes ten times as long.
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { type Spaces, squeeze } from './canonical-spaces.ts'
import { queryString } from './object-path.ts'

export type SigningKeys = {
  readonly accessKey: string
  readonly secretKey: string
  /** Goes with keys that were lent for a time. */
  readonly sessionToken?: string | null
}

type UnsignedRequest = {
  readonly method: string
  /** Name and port that the request goes to, as the header `host` has it. */
  readonly host: string
  readonly region: string
  /** Already encoded, as it goes over the wire. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names; values are octets as latin1. */
  readonly headers: Readonly<Record<string, string>>
}

export type RequestSigner = {
  /** The headers with the signature; `payload` is the body's SHA-256 in hex or UNSIGNED-PAYLOAD. */
  sign(request: UnsignedRequest, payload: string, spaces: Spaces): Record<string, string>
  /** The query parameters that make the request allowed for anyone; all of its headers must be sent along. */
  presign(request: UnsignedRequest, expiresInSeconds: number): Record<string, string>
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
  return hash('sha256', text, 'hex')
}

const algorithm = 'AWS4-HMAC-SHA256'
const hmac = (key: string | Buffer | KeyObject, text: string) => createHmac('sha256', key).update(text)

export function createRequestSigner({ accessKey, secretKey, sessionToken = null }: SigningKeys): RequestSigner {
  const keyOf = createSigningKeys(secretKey)
  const credentialOf = (day: string, region: string) => `${accessKey}/${day}/${region}/s3/aws4_request`

  function signature(canonical: string, time: string, region: string): string {
    const day = time.slice(0, 8)
    // Octets as latin1: what a header has beyond ASCII is signed as it goes over the wire.
    const digest = hash('sha256', Buffer.from(canonical, 'latin1'), 'hex')
    const text = `${algorithm}\n${time}\n${day}/${region}/s3/aws4_request\n${digest}`
    return hmac(keyOf(day, region), text).digest('hex')
  }

  return {
    sign({ method, host, region, path, query, headers }, payload, spaces) {
      const time = timeOf(new Date())
      const sent: Record<string, string> = { ...headers, host, 'x-amz-content-sha256': payload, 'x-amz-date': time }
      if (sessionToken !== null) sent['x-amz-security-token'] = sessionToken
      const names = Object.keys(sent).filter(isSigned).sort()
      const canonical = canonicalRequest({ method, path, search: queryString(query), names, sent, payload, spaces })
      const signed = `SignedHeaders=${names.join(';')}, Signature=${signature(canonical, time, region)}`
      sent['authorization'] = `${algorithm} Credential=${credentialOf(time.slice(0, 8), region)}, ${signed}`
      return sent
    },
    presign({ method, host, region, path, query, headers }, expiresInSeconds) {
      const time = timeOf(new Date())
      // All headers stay headers (a store keeps no x-amz-meta-* that comes in the query) and all are signed.
      const sent = { ...headers, host }
      const names = Object.keys(sent).sort()
      const parameters: Record<string, string> = {
        ...query,
        'X-Amz-Algorithm': algorithm,
        'X-Amz-Content-Sha256': unsignedPayload,
        'X-Amz-Credential': credentialOf(time.slice(0, 8), region),
        'X-Amz-Date': time,
        'X-Amz-Expires': String(expiresInSeconds),
        ...(sessionToken === null ? {} : { 'X-Amz-Security-Token': sessionToken }),
        'X-Amz-SignedHeaders': names.join(';'),
      }
      const canonical = canonicalRequest({
        ...{ method, path, names, sent, payload: unsignedPayload },
        search: queryString(parameters),
        spaces: 'unicode',
      })
      return { ...parameters, 'X-Amz-Signature': signature(canonical, time, region) }
    },
  }
}

type Canonical = {
  readonly method: string
  readonly path: string
  readonly search: string
  /** Of the headers that are signed, sorted. */
  readonly names: readonly string[]
  readonly sent: Readonly<Record<string, string>>
  readonly payload: string
  readonly spaces: Spaces
}

function canonicalRequest({ method, path, search, names, sent, payload, spaces }: Canonical): string {
  let headers = ''
  for (const name of names) headers += `${name}:${squeeze(sent[name] ?? '', spaces)}\n`
  return `${method}\n${path}\n${search}\n${headers}\n${names.join(';')}\n${payload}`
}

let told = { second: 0, text: '' }

/** `20261128T090501Z`; written once a second. */
function timeOf(now: Date): string {
  const second = Math.floor(now.getTime() / 1000)
  if (second !== told.second) told = { second, text: `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z` }
  return told.text
}

/**
 * The key of a day and region is derived once: four of the six digests of a signature. As a KeyObject, for Node takes ten
 * times as long to sign with the octets.
 */
function createSigningKeys(secretKey: string): (day: string, region: string) => KeyObject {
  const derived = new Map<string, { readonly day: string; readonly key: KeyObject }>()
  return (day, region) => {
    const known = derived.get(region)
    if (known?.day === day) return known.key
    const ofDay = hmac(`AWS4${secretKey}`, day).digest()
    const ofService = hmac(hmac(ofDay, region).digest(), 's3').digest()
    const key = createSecretKey(hmac(ofService, 'aws4_request').digest())
    derived.set(region, { day, key })
    return key
  }
}
