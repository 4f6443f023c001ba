// What the ETags of a bucket's objects cost, as the first page of its listing tells them.
import { looksLikeDigest } from '../object/etag.ts'
import { counted, type Reason } from '../reason.ts'

const shownKeys = 3

type Listed = { readonly key: string; readonly etag: string }

/** `whole`: these are all objects of the bucket. */
export function etagWarnings(objects: readonly Listed[], whole: boolean): readonly Reason[] {
  const bare = objects.filter(({ etag }) => etag === '')
  const opaque = objects.filter(({ etag }) => etag !== '' && !looksLikeDigest(etag))
  const warning = (code: 'NO_ETAG' | 'ETAG_NO_DIGEST', some: readonly Listed[], costs: string) => {
    if (some.length === 0) return []
    const keys = some.slice(0, shownKeys).map(({ key }) => key)
    const more = some.length > keys.length ? ' and more' : ''
    const many = `${whole ? '' : 'at least '}${counted(some.length, 'object')}`
    return [{ code, message: `${costs} (${many}: ${keys.join(', ')}${more})`, keys }]
  }
  return [
    ...warning('NO_ETAG', bare, 'What has no ETag cannot be copied until it is written again through S3'),
    ...warning('ETAG_NO_DIGEST', opaque, 'What has an ETag that is no digest is read whole to be compared with a copy'),
  ]
}
