// MinIO tells since when it runs with its metrics, to a key that may read them (`admin:Prometheus`). They are asked with a
// token of the key's (as `mc admin prometheus generate` makes it), not with a signature.
// https://min.io/docs/minio/linux/operations/monitoring/collect-minio-metrics-using-prometheus.html
import { createHmac } from 'node:crypto'
import type { S3Client } from './s3-client.ts'
import type { SigningKeys } from './sign-request.ts'
import type { StorageDriver } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'

const path = '/minio/metrics/v3/system/process'
const uptimeLine = /^minio_system_process_uptime_seconds(?:\{[^}]*\})? (\S+)$/m
const tokenSeconds = 60

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JSON Web Token, RFC 7519. */
function metricsToken({ accessKey, secretKey }: SigningKeys): string {
  const until = Math.floor(Date.now() / 1000) + tokenSeconds
  const text = `${part({ alg: 'HS512', typ: 'JWT' })}.${part({ iss: 'prometheus', sub: accessKey, exp: until })}`
  return `${text}.${createHmac('sha512', secretKey).update(text).digest('base64url')}`
}

/** `StorageDriver.uptime`. */
export function createUptime(client: S3Client, keys: SigningKeys): StorageDriver['uptime'] {
  const subject = { method: 'GET', bucket: 'minio', key: path.replace('/minio/', '') }
  return async ({ signal } = {}) => {
    try {
      const headers = { authorization: `Bearer ${metricsToken(keys)}` }
      const { text } = await client.callRaw({ subject, path, headers, body: null, signal })
      const seconds = Number(uptimeLine.exec(text)?.[1])
      return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
    } catch (error) {
      // Any refusal: it is not MinIO, or the key may not ask.
      if (error instanceof StorageError && error.status !== null && error.status < 500) return null
      throw error
    }
  }
}
