// Which policies have a caller's name, in words, for console and commands alike.
import { listOf } from '../reason.ts'

/** `some`: the first of the buckets whose own value has it, by name. */
type Naming = { readonly all: boolean; readonly buckets: number; readonly some: readonly string[] }

const shown = 3

/** `all buckets, photos, scans, x-rays and 7 more`; '' where none has it. */
export function namingWords({ all, buckets, some }: Naming): string {
  const names = some.slice(0, shown)
  const rest = buckets - names.length
  return listOf([...(all ? ['all buckets'] : []), ...names, ...(rest > 0 ? [`${rest} more`] : [])], shown + 2)
}
