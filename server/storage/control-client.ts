// The minio package for calls that change buckets. It knows their forms (regions, names that are allowed); the bytes go
// through our own S3 client, so that its time-outs, size limits, cancellation and errors hold here too. What it parses
// it believes (a list of buckets with unknown entities, or without dates), so answers with content are read by us.
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { Client, type ClientOptions, InvalidBucketNameError } from 'minio'
import { errorOfFailure } from './map-error.ts'
import type { S3Client } from './s3-client.ts'
import type { SigningOptions } from './sign-request.ts'
import { StorageError } from './storage-error.ts'

export type ControlClientOptions = SigningOptions & {
  readonly endpoint: URL
  readonly client: S3Client
}

/** Runs one call; method and bucket are for messages only. */
export type ControlCall = <T>(
  subject: { readonly method: string; readonly bucket: string; readonly signal: AbortSignal | undefined },
  call: (minio: Client) => Promise<T>,
) => Promise<T>

export function createControlCall(options: ControlClientOptions): ControlCall {
  const { endpoint, client, region, accessKey, secretKey } = options
  const secure = endpoint.protocol === 'https:'
  return async ({ method, bucket, signal }, call) => {
    const subject = { method, bucket, key: null }
    try {
      const minio = new Client({
        endPoint: endpoint.hostname.replace(/^\[|\]$/g, ''),
        port: Number(endpoint.port) || (secure ? 443 : 80),
        useSSL: secure,
        region,
        accessKey,
        secretKey,
        retryOptions: { disableRetry: true }, // who called decides whether and when to try again
        transport: createTransport(client, bucket, signal),
      })
      return await call(minio)
    } catch (failure) {
      if (failure instanceof StorageError) throw failure
      if (!(failure instanceof InvalidBucketNameError)) throw errorOfFailure(subject, failure, signal)
      throw new StorageError('refused', `No bucket can have this name: ${JSON.stringify(bucket)}`, { cause: failure })
    }
  }
}

type Transport = NonNullable<ClientOptions['transport']>

type TransportRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** As much of `http.request` as minio uses of it. What our client rejects with comes out of minio unchanged. */
function createTransport(client: S3Client, bucket: string, signal: AbortSignal | undefined): Transport {
  const request = ({ method, path, headers }: TransportRequest, onResponse: (response: Readable) => void) => {
    const emitter = new EventEmitter()
    const end = (body: Buffer | string | null) => {
      const { 'content-length': _, ...rest } = headers // undici counts for itself
      client
        .callRaw({ subject: { method, bucket, key: null }, path, headers: rest, body: body || null, signal })
        .then(({ status, headers: answered, text }) =>
          Object.assign(Readable.from(Buffer.from(text), { objectMode: false }), {
            statusCode: status,
            headers: Object.fromEntries(answered),
          }),
        )
        .then(onResponse, (failure) => emitter.emit('error', failure))
    }
    return Object.assign(emitter, { end })
  }
  return { request } as unknown as Transport
}
