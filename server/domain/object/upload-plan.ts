// How an object is sent: small ones in one piece, large ones in parts, each of which can be sent again alone.

const mebi = 1024 * 1024
/** Up to here one request: what is lost when it breaks is a minute of a slow line. */
const onePiece = 64 * mebi
const usualPart = 16 * mebi
/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const mostParts = 10_000
export const largestObject = 5 * mebi * mebi
/** Of one request: a whole object, or a part. */
export const largestPiece = 5 * 1024 * mebi

/** Bytes of each part but the last; null: in one piece. Whole mebibytes, so that no more than 10 000 parts do. */
export function partSizeFor(size: number): number | null {
  if (size <= onePiece) return null
  return Math.max(usualPart, Math.ceil(size / mostParts / mebi) * mebi)
}

export const partCount = (size: number, partSize: number): number => Math.ceil(size / partSize)
