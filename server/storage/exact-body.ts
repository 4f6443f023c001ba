// Lets bytes pass only as a whole that is right: what it was given last goes out when all of it was the bytes that were meant. So who
// reads it never has the whole of anything else.
import { createHash } from 'node:crypto'
import { pipeline, type Readable, Transform } from 'node:stream'

export type ExactBody = {
  readonly body: Readable
  /** Other bytes came. */
  isWrong(): boolean
}

/** `md5` in hex. */
export function exactly(source: Readable, md5: string): ExactBody {
  const hash = createHash('md5')
  let kept: Buffer | null = null
  let wrong = false
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      const before = kept
      kept = chunk
      done(null, before)
    },
    flush(done) {
      wrong = hash.digest('hex') !== md5
      if (wrong) done(new Error('the bytes that came are not those that were meant'))
      else done(null, kept)
    },
  })
  return { body: pipeline(source, body, () => undefined), isWrong: () => wrong }
}
