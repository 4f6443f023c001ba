// What a refusal is about where the store's answer does not say it.
import { hasOddSpaces } from './canonical-spaces.ts'
import { isSigned } from './sign-request.ts'
import { StorageError, type StorageErrorKind } from './storage-error.ts'

type Headers = Readonly<Record<string, string>>

/** Name of a signed header whose value stores may read in different ways; null when there is none. */
export function oddHeader(headers: Headers): string | null {
  return Object.keys(headers).find((name) => isSigned(name) && hasOddSpaces(headers[name] ?? '')) ?? null
}

/** A signature that is refused with such a header says nothing of the key: the header's object cannot be sent. */
export function blameHeader(headers: Headers): (error: unknown) => never {
  return (error) => {
    const header = oddHeader(headers)
    if (header === null || !(error instanceof StorageError) || error.kind !== 'signature') throw error
    const message = `The store does not take the white space in ${header} as FaDO signs it`
    throw new StorageError('bad-metadata', message, { code: error.code, status: error.status, cause: error })
  }
}

/** What is refused for these is refused whatever the call is. */
const ofAnyCall: readonly StorageErrorKind[] = ['signature', 'clock-skew']
/** Who says so has not been asked whether there is such a bucket, or is no store. */
const knowsNoBuckets: readonly StorageErrorKind[] = [
  ...ofAnyCall,
  ...(['protocol', 'unreachable', 'timeout', 'server-error', 'slow-down', 'aborted'] as const),
]

/** Kinds that would tell more than this refusal; none where it says enough, or where nothing depends on it. */
function moreTelling({ code, status, kind }: StorageError): readonly StorageErrorKind[] {
  if (code !== null) return []
  if (status === 400 || status === 401 || status === 403) return kind === 'signature' ? [] : ofAnyCall
  return kind === 'no-such-bucket' ? knowsNoBuckets : []
}

/**
 * For `catch` of a HEAD. Its refusal has no body, and few stores name the reason in a header: a clock that is wrong, keys that
 * expired and a right that is missing all are a 403, or a 400; and a bucket that is missing looks like a way that leads to no
 * store. `ask`: a call about the same bucket, whose refusal has words.
 */
export function findWords(ask: () => Promise<unknown>): (error: unknown) => Promise<never> {
  return async (error) => {
    const telling = error instanceof StorageError ? moreTelling(error) : []
    if (telling.length === 0) throw error
    const told = await ask().catch((refusal: unknown) => refusal)
    throw told instanceof StorageError && telling.includes(told.kind) ? told : error
  }
}
