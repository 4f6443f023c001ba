// Copies that wait because somebody said so: nothing of them moves until a pause ends or a window opens.
import type { WaitReasonsFragment } from '../../graphql/generated/operations.ts'
import type { ReasonCode } from '../../server/domain/reason.ts'
import { reasonSentence } from './sentence.ts'

const orders: ReadonlySet<string> = new Set(['BUCKET_PAUSED', 'LINK_PAUSED', 'WINDOW_CLOSED'] satisfies ReasonCode[])

/** By the ids of copies, what holds them, in sentences. */
export type Held = ReadonlyMap<string, string>

export const heldOf = (replicas: readonly WaitReasonsFragment[]): Held =>
  new Map(
    replicas.flatMap(({ id, waiting }) => {
      const held = waiting.filter(({ reason }) => orders.has(reason.code))
      return held.length === 0 ? [] : [[id, held.map(({ reason }) => reasonSentence(reason)).join(' ')]]
    }),
  )
