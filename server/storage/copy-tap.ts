import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

export type Tap = {
  /** In hex, once the stream was read to its end; null when it was not to be measured. */
  md5(): string | null
}

/**
 * Looks at the bytes of a stream on their way to its real reader. The stream is paused first: a `data` listener on a
 * paused stream does not start it, so nothing flows (and nothing is lost) until the reader resumes it.
 */
export function createTap(
  body: Readable,
  { onBytes, measure }: { onBytes: ((bytes: number) => void) | undefined; measure: boolean },
): Tap {
  const hash = measure ? createHash('md5') : null
  if (hash !== null || onBytes !== undefined) {
    body.pause()
    body.on('data', (chunk: Uint8Array) => {
      hash?.update(chunk)
      onBytes?.(chunk.length)
    })
  }
  let digest: string | null = null
  return {
    md5() {
      digest ??= hash?.digest('hex') ?? null
      return digest
    },
  }
}
