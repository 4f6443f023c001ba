'use client'
import { useSubscription } from 'urql'
import { LiveChangesDocument } from '../../../graphql/generated/operations.ts'

/** Hears of all that came, went or differs; the cache then has what is on screen asked for again. It draws nothing. */
export function LiveChanges() {
  useSubscription({ query: LiveChangesDocument })
  return null
}
