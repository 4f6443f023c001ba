// In which pieces an object is copied. Kept parts keep the ETag, which proves the copy; own pieces change it.

export type CopyLayout =
  /** One GET, one PUT. */
  | { readonly kind: 'whole' }
  /** Part by part as the source was uploaded. */
  | { readonly kind: 'parts'; readonly count: number }
  /** Cut by us. */
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }

type ByteRange = {
  readonly start: number
  /** Included. */
  readonly end: number
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html; MinIO takes more in one request. */
const maxRequestBytes = 5 * 1024 ** 3
const maxParts = 10_000
const mib = 1024 ** 2
const ownPartBytes = 64 * mib

export type LayoutQuestion = {
  readonly size: number
  readonly etag: string
  /** As the store told when part 1 was asked for. */
  readonly partCount: number | null
  /** Length of part 1. */
  readonly partLength: number
  /** False once the target has refused the source's parts. */
  readonly keepParts: boolean
}

export function chooseLayout({ size, etag, partCount, partLength, keepParts }: LayoutQuestion): CopyLayout {
  const parts = partsInEtag(etag)
  if (!keepParts || partLength > maxRequestBytes) return ownLayout(size)
  if (parts === null) return { kind: 'whole' }
  return parts === partCount ? { kind: 'parts', count: parts } : ownLayout(size)
}

function ownLayout(size: number): CopyLayout {
  const partSize = Math.max(ownPartBytes, Math.ceil(size / maxParts / mib) * mib)
  if (size <= partSize) return { kind: 'whole' }
  const ranges = Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    start: i * partSize,
    end: Math.min(size, (i + 1) * partSize) - 1,
  }))
  return { kind: 'ranges', ranges }
}

/** The N of an ETag `<digest>-N`; null when the object was written in one request. */
export function partsInEtag(etag: string): number | null {
  const parts = /-([1-9]\d{0,4})$/.exec(etag)
  return parts === null ? null : Number(parts[1])
}
