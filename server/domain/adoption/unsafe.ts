// What of a bucket's settings would break a guarantee, so that it is not adopted, or not taken over as a copy. Pure.
import type { BucketSettings, Known } from './bucket-settings.ts'

export type AdoptedSide = {
  readonly store: string
  /** Its name on that store. */
  readonly bucketName: string
  readonly settings: BucketSettings
}

const known = <T>(value: Known<T>, otherwise: T): T => (value === 'unknown' ? otherwise : value)
const copiesTo = ({ settings }: AdoptedSide): readonly string[] => known(settings.replication, [])

/** Why FaDO must not keep this copy of that master; null: nothing is known against it. */
export function unsafeCopy(master: AdoptedSide, copy: AdoptedSide): string | null {
  const [from, there] = [`${master.bucketName} on ${master.store}`, `${copy.bucketName} on ${copy.store}`]
  if (copiesTo(master).includes(copy.bucketName))
    return `The store ${master.store} itself copies ${from} to a bucket ${copy.bucketName}: two would write that copy, and each would undo the other. Take the rule off the store first; FaDO then keeps the copy`
  if (copiesTo(copy).includes(master.bucketName))
    return `The store ${copy.store} copies ${there} to a bucket ${master.bucketName}: what FaDO writes to the copy would come back to the master. Take the rule off the store first`
  if (known(copy.settings.lifecycle, { rules: 0, expires: false }).expires)
    return `A lifecycle rule deletes objects of ${there}: calls would be sent to a copy that lacks them. Take the rule off first`
  if (known(copy.settings.notifications, { others: 0, fado: false }).fado)
    return `The events of ${there} are subscribed by a FaDO: it is, or was, a master there, which must not be overwritten. If nobody looks after it any more, take the entry with the Id fado out of its notification configuration`
  return null
}
