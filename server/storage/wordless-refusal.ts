// The refusal of a HEAD has no body, and few stores name it in a header: a clock that is wrong, keys that expired and a right that is
// missing all are a 403, or a 400. A call whose refusal has words tells them apart.
import type { S3Answer, S3Request } from './s3-client.ts'
import { StorageError, type StorageErrorKind } from './storage-error.ts'

/** What is refused for these is refused whatever the call is. */
const ofAnyCall: ReadonlySet<StorageErrorKind> = new Set(['signature', 'clock-skew'])

const isWordless = ({ code, status, kind }: StorageError) =>
  code === null && (status === 400 || status === 401 || status === 403) && !ofAnyCall.has(kind)

/** For `catch`: asks for the reason with `ask`, and throws what that is refused for, if it is refused for a reason of any call. */
export function findWords(
  { method, bucket, signal }: S3Request,
  ask: (request: S3Request) => Promise<S3Answer>,
): (error: unknown) => Promise<never> {
  return async (error) => {
    if (method !== 'HEAD' || !(error instanceof StorageError) || !isWordless(error)) throw error
    const told = await ask({ method: 'GET', bucket, query: { location: '' }, signal }).catch((refusal: unknown) => refusal)
    throw told instanceof StorageError && ofAnyCall.has(told.kind) ? told : error
  }
}
