// Where stores disagree on what a signature covers, each is asked once how it reads it, when it first matters.
import { oddValue, type Spaces } from './canonical-spaces.ts'
import { StorageError } from './storage-error.ts'

/** What is tried: a request that no store has reason to refuse but for its signature. */
type Trial = {
  readonly headers: Readonly<Record<string, string>>
  readonly spaces: Spaces
  readonly withPrefix: boolean
}
type Send = (trial: Trial, signal: AbortSignal | undefined) => Promise<unknown>

export type SigningManner = {
  /** How white space in a header's value is read. */
  spaces(signal: AbortSignal | undefined): Promise<Spaces>
  /**
   * Whether the path that the endpoint stands below is part of what is signed. Gateways that know their path check what was
   * sent (as AWS's own libraries sign it); what takes the path off first, such as a proxy, hands the rest to be checked.
   */
  signsPrefix(signal: AbortSignal | undefined): Promise<boolean>
}

export function createSigningManner(hasPrefix: boolean, send: Send): SigningManner {
  /** No matter what it answers, as long as it takes the signature. */
  const takes = (trial: Trial, signal: AbortSignal | undefined): Promise<boolean> =>
    send(trial, signal).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof StorageError) || error.status === null) throw error
        return error.kind !== 'signature'
      },
    )

  const signsPrefix = askedOnce(async (signal) => {
    if (!hasPrefix) return true
    const plain = { headers: {}, spaces: 'unicode' } as const
    if (await takes({ ...plain, withPrefix: true }, signal)) return true
    return !(await takes({ ...plain, withPrefix: false }, signal)) // where both are refused the key is wrong
  })

  const spaces = askedOnce(async (signal) => {
    const odd = { headers: { 'x-amz-meta-fado': oddValue }, withPrefix: await signsPrefix(signal) }
    for (const each of ['unicode', 'blanks'] as const) if (await takes({ ...odd, spaces: each }, signal)) return each
    return 'unicode' // what it refuses is then said of the object, or of the key when all is refused
  })
  return { spaces, signsPrefix }
}

/** One question for all who wait for its answer; asked again when it failed. */
function askedOnce<T>(ask: (signal: AbortSignal | undefined) => Promise<T>) {
  let known: Promise<T> | undefined
  return (signal: AbortSignal | undefined): Promise<T> => {
    known ??= ask(signal).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}
