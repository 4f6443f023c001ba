// The two ends of a copy: what a refusal means depends on which store gave it.
import type { CopyOutcome, CopyRequest } from './copy-request.ts'
import { StorageError } from './storage-error.ts'
import type { OpenedObject, OpenOptions } from './storage-values.ts'

type Ending = Exclude<CopyOutcome['outcome'], 'copied' | 'untagged'>

/** Thrown to end a copy that has no point any more; not a failure. */
export class CopyEnded extends Error {
  readonly outcome: Ending

  constructor(outcome: Ending) {
    super(outcome)
    this.outcome = outcome
  }
}

/** What came is not what the source's ETag digests: that is none, or other bytes came. Nothing was written. */
export class NotDigested extends StorageError {
  /** Of what came, in the form of the source's ETag. */
  readonly digest: string

  constructor(digest: string) {
    super('bad-digest', 'The bytes that arrived are not those that the ETag of the source digests')
    this.digest = digest
  }
}

export function fromSource<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    const kind = error instanceof StorageError ? error.kind : null
    if (kind === 'precondition-failed') throw new CopyEnded('source-changed')
    if (kind === 'no-such-key' || kind === 'no-such-bucket') throw new CopyEnded('source-gone')
    throw error
  })
}

export function toTarget<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof StorageError && error.kind === 'precondition-failed') throw new CopyEnded('target-changed')
    throw error
  })
}

export type PieceOptions = Pick<OpenOptions, 'partNumber' | 'range'>

/** The source or a piece of it, only while it has the ETag that the caller saw. */
export function openSource(request: CopyRequest, piece: PieceOptions, signal = request.signal): Promise<OpenedObject> {
  const { source, key, sourceEtag, sourceCoding: coding } = request
  const options = {
    ...piece,
    ifMatch: sourceEtag,
    ...(coding === undefined ? {} : { coding }),
    ...(signal === undefined ? {} : { signal }),
  }
  return fromSource(
    source.driver.open(source.bucket, key, options).then(
      (opened) => {
        // A store that ignores If-Match.
        if (opened.head.etag === sourceEtag) return opened
        opened.body.destroy()
        throw new CopyEnded('source-changed')
      },
      async (error: unknown) => {
        throw (await lacksPiece(request, error, signal)) ? new CopyEnded('source-changed') : error
      },
    ),
  )
}

/** MinIO looks for the piece before it heeds If-Match: what has no such piece any more is another object. */
async function lacksPiece({ source, key, sourceEtag }: CopyRequest, error: unknown, signal: AbortSignal | undefined) {
  if (!(error instanceof StorageError) || error.status !== 416) return false
  const head = await source.driver.head(source.bucket, key, signal === undefined ? {} : { signal })
  return head?.etag !== sourceEtag
}
