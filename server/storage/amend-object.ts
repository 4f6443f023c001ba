import { errorOfAnswer } from './map-error.ts'
import { unquote, writeHeaders, writeResultOf } from './object-headers.ts'
import { objectPath } from './object-path.ts'
import type { S3Client } from './s3-client.ts'
import type { StorageDriver } from './storage-driver.ts'
import { assertPlainXml, elementAt, textOf } from './xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html of an object to itself. */
export const createAmend =
  (client: S3Client, completeMs: number): StorageDriver['amend'] =>
  async (bucket, key, { metadata, tags, ifMatch, signal }) => {
    const headers = {
      ...writeHeaders({ metadata, tags }),
      'x-amz-copy-source': objectPath(bucket, key),
      'x-amz-copy-source-if-match': `"${ifMatch}"`,
      'x-amz-metadata-directive': 'REPLACE',
      'x-amz-tagging-directive': 'REPLACE',
    }
    const answer = await client.call({ method: 'PUT', bucket, key, headers, silenceMs: completeMs, signal })
    // It may answer 200 at once, to keep the connection alive, and tell the failure in the body.
    const { text } = answer
    if (elementAt(text, 'Error', 0)) throw errorOfAnswer({ method: 'PUT', bucket, key }, answer)
    assertPlainXml(text.trimStart(), 'CopyObjectResult')
    return writeResultOf(key, new Map([...answer.headers, ['etag', unquote(textOf(text, 'ETag') ?? '')]]))
  }
