/** What is known of a kind of callers, of which `Proof` is what a call shows. */
export type CallerKind<Proof> = {
  /** It is shown over TLS alone. */
  readonly overTls: boolean
  /** Whether whatever proves one caller proves the other one, too. */
  readonly isAlso: (one: Proof, other: Proof) => boolean
}

/** All of them are among the others, and there is one. */
export const areAmong = (values: readonly string[], others: readonly string[]): boolean =>
  values.length > 0 && values.every((value) => others.includes(value))
