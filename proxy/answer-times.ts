// How long Envoys take to answer what they are sent, for whoever watches. Nothing goes by it.
import type { DeltaRequest, DeltaResponse } from './stream/delta-stream.ts'
import type { ResourceType } from './type-urls.ts'

export type Answer = { readonly type: ResourceType; readonly refused: boolean; readonly seconds: number }

/** Times are milliseconds that never go back. */
export function createAnswerTimes() {
  const streams = new Map<string, Map<string, { readonly type: ResourceType; readonly at: number }>>()
  return {
    sent(streamId: string, { type, nonce }: DeltaResponse, at: number): void {
      const unanswered = streams.get(streamId) ?? new Map()
      streams.set(streamId, unanswered.set(nonce, { type, at }))
    },
    /** undefined: the request answers nothing. */
    answered(streamId: string, { nonce, error }: DeltaRequest, at: number): Answer | undefined {
      const unanswered = streams.get(streamId)
      const sent = unanswered?.get(nonce)
      if (sent === undefined) return undefined
      unanswered?.delete(nonce)
      return { type: sent.type, refused: error !== null, seconds: (at - sent.at) / 1000 }
    },
    /** The stream has ended. */
    forget: (streamId: string): void => void streams.delete(streamId),
  }
}
