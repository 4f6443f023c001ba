// Events of a store as its webhook posts them, again and again, for there is no time to write so much for real.
import { minioBody } from '../tests/support/event-bodies.ts'

/** A body may have 1 MB. */
const together = 500

export type Telling = {
  /** Where stores post their events to, and a token of the role NOTIFY. */
  readonly url: string
  readonly token: string
  readonly bucket: string
  readonly keys: readonly string[]
}

/** Posts so many events, over the keys in turn. Resolves when all are taken. */
export async function tellAgain({ url, token, bucket, keys }: Telling, events: number): Promise<void> {
  const envelope = minioBody(bucket, keys[0] ?? '')
  const records = keys.map((key) => minioBody(bucket, key).Records[0])
  for (let told = 0; told < events; told += together) {
    const count = Math.min(together, events - told)
    const Records = Array.from({ length: count }, (_, n) => records[(told + n) % records.length])
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...envelope, Records }) })
    if (status !== 204) throw new Error(`${url} answers ${status}`)
  }
}
