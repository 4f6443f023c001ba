import { createHash, createHmac } from 'node:crypto'
import { eventually } from './eventually.ts'
import type { StoreProcess } from './store-process.ts'

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Keys that MinIO lends for an hour, with their token: its AssumeRole, https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export async function lentKeys({ endpoint, accessKey, secretKey }: StoreProcess) {
  const body = 'Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600'
  const time = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const scope = `${time.slice(0, 8)}/us-east-1/sts/aws4_request`
  const { host } = new URL(endpoint)
  const canonical = `POST\n/\n\nhost:${host}\nx-amz-date:${time}\n\nhost;x-amz-date\n${sha256(body)}`
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretKey}`)
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
  const headers = { authorization, 'x-amz-date': time, 'content-type': 'application/x-www-form-urlencoded' }
  // It answers other calls a moment before it lends keys.
  const answer = await eventually('MinIO is initialised', async () => {
    const text = await (await fetch(endpoint, { method: 'POST', headers, body })).text()
    return text.includes('Server not initialized') ? null : text
  })
  const part = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer)?.[1]
  const [lent, secret, token] = [part('AccessKeyId'), part('SecretAccessKey'), part('SessionToken')]
  if (!lent || !secret || !token) throw new Error(`MinIO lends no keys: ${answer}`)
  return { accessKey: lent, secretKey: secret, sessionToken: token }
}
