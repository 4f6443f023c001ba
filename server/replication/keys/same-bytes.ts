// Where ETags cannot tell whether two objects are the same (other parts, or no digests), their bytes must be read.
import type { Readable } from 'node:stream'
import type { Place, Seen } from './carried.ts'

/** Compares chunks as they come, so the memory does not depend on the size. */
async function equalStreams(a: Readable, b: Readable): Promise<boolean> {
  const left = a[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const right = b[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let x: Buffer = Buffer.alloc(0)
  let y: Buffer = Buffer.alloc(0)
  for (;;) {
    const turns: Promise<void>[] = []
    let ended = 0
    const fill = async (from: AsyncIterator<Buffer>, take: (chunk: Buffer) => void) => {
      const { done, value } = await from.next()
      if (done === true) ended++
      else take(value)
    }
    if (x.length === 0)
      turns.push(
        fill(left, (chunk) => {
          x = chunk
        }),
      )
    if (y.length === 0)
      turns.push(
        fill(right, (chunk) => {
          y = chunk
        }),
      )
    await Promise.all(turns)
    if (ended > 0) return x.length === y.length && ended === turns.length
    const length = Math.min(x.length, y.length)
    if (!x.subarray(0, length).equals(y.subarray(0, length))) return false
    x = x.subarray(length)
    y = y.subarray(length)
  }
}

/** Rejects with `precondition-failed` when one of them is another by now. */
export async function haveSameBytes(
  a: Place & { readonly seen: Seen },
  b: Place & { readonly seen: Seen },
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const first = await a.driver.open(a.bucket, key, { ifMatch: a.seen.etag, coding: a.seen.coding, signal })
  try {
    const second = await b.driver.open(b.bucket, key, { ifMatch: b.seen.etag, coding: b.seen.coding, signal })
    try {
      return await equalStreams(first.body, second.body)
    } finally {
      second.body.destroy()
    }
  } finally {
    first.body.destroy()
  }
}
