// Claims in words, for console and commands alike.
import type { Claim } from './by-token.ts'

/** `role=nurse,doctor`; undefined: it is none. */
export function claimOf(text: string): Claim | undefined {
  const [, name, values] = /^\s*([^=\s][^=]*?)\s*=(.*)$/s.exec(text) ?? []
  const some = (values ?? '').split(',').map((value) => value.trim())
  return name === undefined ? undefined : { name, values: some.filter((value) => value !== '') }
}
