// Who may call on a bucket, and by what a call shows it.
import type { BucketPartsFragment, CallerKind, CallerPartsFragment } from '../../graphql/generated/operations.ts'
import { sayCallers } from '../../server/domain/explain/say-decision.ts'

/** All that its policy names are gone. */
export const isClosed = ({ route }: Pick<BucketPartsFragment, 'route'>): boolean => route.callers?.length === 0

type Caller = Pick<CallerPartsFragment, 'name' | 'kind'>

/** What stands for a proof in the lines to copy. */
const proofs: Readonly<Record<CallerKind, (name: string) => string>> = {
  KEY: (name) => `$KEY stands for the key of ${name}.`,
  JWT: (name) => `$KEY stands for a token of ${name}.`,
  CERTIFICATE: (name) =>
    `$CERTIFICATE and $KEY are files with the certificate and the key of ${name}, $INGRESS_TLS is where the ingress speaks TLS.`,
}

export const proofWords = ({ name, kind }: Caller): string => proofs[kind](name)

export type GuardWords = {
  /** Of those who may call; null: anybody. */
  readonly names: readonly string[] | null
  /** All that there are. */
  readonly callers: readonly Caller[]
  /** Certificates can be shown. */
  readonly speaksTls: boolean
}

/** By whose proof a call is shown: a key or a token before a certificate. undefined: nobody need show, or can show, any. */
export function exampleCaller({ names, callers, speaksTls }: GuardWords): Caller | undefined {
  const may = callers.filter(({ name }) => names?.includes(name))
  return may.find(({ kind }) => kind !== 'CERTIFICATE') ?? (speaksTls ? may[0] : undefined)
}

/** What is said of who may call, and of the proof that is shown; empty: anybody may. */
function guardWords(guard: GuardWords): string {
  const { names } = guard
  if (names === null) return ''
  const example = exampleCaller(guard)
  const none =
    names.length === 0 ? '' : ' Nobody can prove it here: certificates take TLS, which the ingress does not speak.'
  return `${sayCallers(names, 'may')}${example === undefined ? none : ` ${proofWords(example)}`}`
}

/**
 * What stands for a proof where calls are refused for want of one, and nobody is known who could give it: the bucket is closed, or is
 * not there and nobody is told. undefined: somebody is known.
 */
const someProof = ({ names }: GuardWords) =>
  names === null || names.length === 0
    ? ({ kind: 'KEY', words: '$KEY stands for the key, or a token, of a caller that its policy names.' } as const)
    : undefined

/** What a line to copy shows of who calls, and what is said of it. `refused`: without a proof the call gets 401. */
export function shownProof(
  guard: GuardWords,
  refused: boolean = guard.names?.length === 0,
): { readonly kind: CallerKind | undefined; readonly words: string } {
  const example = exampleCaller(guard)
  const some = refused && example === undefined ? someProof(guard) : undefined
  return { kind: (example ?? some)?.kind, words: [guardWords(guard), some?.words ?? ''].join(' ').trim() }
}
