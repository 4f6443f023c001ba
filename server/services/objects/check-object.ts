// What input about an object must look like.
import type { UploadCarried } from '../../db/catalogue/uploads.ts'
import { isObjectKey } from '../../domain/object-key.ts'
import { isAskable } from '../../storage/object-path.ts'
import type { ObjectMetadata } from '../../storage/storage-values.ts'
import { invalid } from '../shared/check-input.ts'

const shown = 80

/** Why no store can be asked for an object of this name; undefined: it can. */
export function keyProblem(key: string): string | undefined {
  if (!isObjectKey(key)) return 'A key has 1 to 1 024 bytes of UTF-8, none of them NUL'
  if (!isAskable(key))
    return `No store can be asked for ${JSON.stringify(key.slice(0, shown))}: HTTP resolves . and .. between slashes`
  return undefined
}

export function checkKey(key: string): void {
  const problem = keyProblem(key)
  if (problem !== undefined) throw invalid(problem, ['key'])
}

export type GivenCarried = {
  readonly contentType?: string | null | undefined
  readonly metadata?: readonly { readonly name: string; readonly value: string }[] | null | undefined
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | null | undefined
}

/** What a store is told of an object of which nobody says what it is. */
const anyType = 'application/octet-stream'
const printable = /^[\x20-\x7e]*$/
/** S3's: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html and object-tagging.html */
const mostMetadata = 2_048
const mostTags = 10
const tagText = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u

export function checkCarried({ contentType, metadata, tags }: GivenCarried): UploadCarried {
  const type = contentType ?? anyType
  if (type === '' || type.length > 255 || !printable.test(type) || type.trim() !== type)
    throw invalid('contentType must be 1 to 255 printable ASCII characters, such as image/jpeg', ['contentType'])
  return { contentType: type, metadata: checkMetadata(metadata ?? []), tags: checkTags(tags ?? []) }
}

function checkMetadata(given: NonNullable<GivenCarried['metadata']>): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [i, { name, value }] of given.entries()) {
    const at = ['metadata', String(i)]
    const header = name.toLowerCase()
    if (!/^[a-z0-9_.-]{1,128}$/.test(header))
      throw invalid('name must be 1 to 128 letters, digits, dots, dashes and underscores', [...at, 'name'])
    if (Object.hasOwn(metadata, header)) throw invalid(`name must be given once: ${header}`, [...at, 'name'])
    if (!printable.test(value) || value.trim() !== value || / {2}/.test(value))
      throw invalid('value must be printable ASCII, without spaces at its ends or several in a row', [...at, 'value'])
    metadata[header] = value
  }
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (size > mostMetadata) throw invalid(`metadata must have at most ${mostMetadata} bytes`, ['metadata'])
  return metadata
}

function checkTags(tags: NonNullable<GivenCarried['tags']>): NonNullable<GivenCarried['tags']> {
  if (tags.length > mostTags) throw invalid(`tags must be at most ${mostTags}`, ['tags'])
  for (const [i, { key, value }] of tags.entries()) {
    if (key === '' || key.length > 128 || value.length > 256 || !tagText.test(key) || !tagText.test(value))
      throw invalid(
        'A tag has a key of 1 to 128 and a value of up to 256 letters, digits, spaces and _ . : / = + - @',
        ['tags', String(i)],
      )
    if (tags.findIndex((tag) => tag.key === key) !== i)
      throw invalid(`A tag must be given once: ${key}`, ['tags', String(i)])
  }
  return tags
}

/** As headers of the object, in a driver's words. */
export const headersOf = ({ contentType, metadata }: UploadCarried): ObjectMetadata => ({
  ...(contentType === null ? {} : { 'content-type': contentType }),
  ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
})
