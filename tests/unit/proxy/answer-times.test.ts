import { expect, test } from 'vitest'
import { createAnswerTimes } from '../../../proxy/answer-times.ts'
import type { DeltaResponse } from '../../../proxy/stream/delta-stream.ts'
import { deltaRequest } from '../../support/delta-request.ts'

const response = (nonce: string, type: DeltaResponse['type'] = 'scope'): DeltaResponse => ({
  ...{ type, nonce },
  resources: new Map(),
  removed: new Set(),
})
const request = (nonce: string, error: string | null = null) => deltaRequest('scope', { nonce, error })

test('an answer is told once, with the time since its response, and whether it refuses', () => {
  const times = createAnswerTimes()
  times.sent('a', response('1'), 1_000)
  times.sent('a', response('2', 'table'), 1_100)
  times.sent('b', response('1', 'cluster'), 1_200)
  expect(times.answered('a', request(''), 1_300)).toBeUndefined()
  expect(times.answered('a', request('2', 'no such thing'), 1_350)).toEqual({
    type: 'table',
    refused: true,
    seconds: 0.25,
  })
  expect(times.answered('a', request('1'), 1_400)).toEqual({ type: 'scope', refused: false, seconds: 0.4 })
  expect(times.answered('a', request('1'), 1_500)).toBeUndefined()
  expect(times.answered('b', request('1'), 1_500)).toEqual({ type: 'cluster', refused: false, seconds: 0.3 })
})

test('what a stream left unanswered is forgotten with it', () => {
  const times = createAnswerTimes()
  times.sent('a', response('1'), 0)
  times.forget('a')
  expect(times.answered('a', request('1'), 1)).toBeUndefined()
})
