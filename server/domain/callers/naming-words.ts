// Which policies have a caller's name, in words, for console and commands alike.
import { listOf } from '../reason.ts'

/** `some`: the first of the buckets whose own value has it, by name. */
type Values = { readonly all: boolean; readonly buckets: number; readonly some: readonly string[] }
/** `alone`: those of them that name no other caller that there is. */
type Naming = Values & { readonly alone: Values }

const shown = 3

/** `all buckets, photos, scans, x-rays and 7 more`; '' where none has it. */
export function namingWords({ all, buckets, some }: Values): string {
  const names = some.slice(0, shown)
  const rest = buckets - names.length
  return listOf([...(all ? ['all buckets'] : []), ...names, ...(rest > 0 ? [`${rest} more`] : [])], shown + 2)
}

/** Who may call, by the policies that have its name, once it is gone: a sentence where nobody may, and one where others may. */
export function withoutIt({ alone, ...naming }: Naming): { readonly closed: string; readonly others: string } {
  const closed = namingWords(alone)
  const others = namingWords({
    all: naming.all && !alone.all,
    buckets: naming.buckets - alone.buckets,
    some: naming.some.filter((name) => !alone.some.includes(name)),
  })
  return {
    closed: closed && `Without it nobody may call ${closed}: the policy callers names no other caller that there is.`,
    others: others && `Without it the others that the policy callers names may call ${others}.`,
  }
}
