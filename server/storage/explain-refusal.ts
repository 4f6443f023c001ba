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
const ofAnyCall: ReadonlySet<StorageErrorKind> = new Set(['signature', 'clock-skew'])

const isWordless = ({ code, status, kind }: StorageError) =>
  code === null && (status === 400 || status === 401 || status === 403) && !ofAnyCall.has(kind)

/**
 * For `catch` of a HEAD. Its refusal has no body, and few stores name the reason in a header: a clock that is wrong, keys that
 * expired and a right that is missing all are a 403, or a 400. `ask`: a call whose refusal has words.
 */
export function findWords(ask: () => Promise<unknown>): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof StorageError) || !isWordless(error)) throw error
    const told = await ask().catch((refusal: unknown) => refusal)
    throw told instanceof StorageError && ofAnyCall.has(told.kind) ? told : error
  }
}
