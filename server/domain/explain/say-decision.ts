// What is said of a decision of the past, by commands and console alike.
import { listOf } from '../reason.ts'

const often = (times: number): string =>
  times === 0 ? 'not at all' : times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`

export type ChangesSince = {
  /** Of the bucket, by users; null: it is gone. */
  readonly bucketChanges: number | null
  /** Of the policies that hold for all buckets. */
  readonly policyChanges: number
}

/** Whether what one sees today is what it was made from: versions in words. */
export function sayChanges({ bucketChanges, policyChanges }: ChangesSince): string {
  const policies = `the policies for all buckets ${often(policyChanges)}`
  if (bucketChanges === null) return `The bucket is gone. Users have changed ${policies} since.`
  if (bucketChanges + policyChanges === 0) return 'Users have changed neither the bucket nor the policies since.'
  return `Users have changed the bucket ${often(bucketChanges)} since, and ${policies}.`
}

/** Why nobody may call. */
export const namesNobody = (may: 'may' | 'might' = 'may'): string =>
  `the policy callers names no caller that there ${may === 'may' ? 'is' : 'was'}`

/** `names`: of those who may, or might, call; null: anybody. */
export const sayCallers = (names: readonly string[] | null, may: 'may' | 'might'): string => {
  if (names === null) return `Anybody ${may} call.`
  return names.length === 0
    ? `Nobody ${may} call: ${namesNobody(may)}.`
    : `Only ${listOf(names, names.length)} ${may} call.`
}

export const nobodyMayCall = sayCallers([], 'may')
