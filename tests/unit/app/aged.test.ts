import { expect, test } from 'vitest'
import { agedBucket } from '../../../app/_lib/aged.ts'
import { stateWords } from '../../../app/_lib/words.ts'
import { bucket, replica } from './fixtures.ts'

const at = (time: string) => new Date(`2026-11-28T09:${time}.000Z`)
const lag = { objects: 2, bytes: 1, heldDeletes: 0, oldestSeconds: 5, oldestSince: at('00:00').toISOString() }

test('what a copy lacks gets older though nothing was heard since it was read', () => {
  const late = bucket({ replicas: [replica('edge', { state: 'LAGGING', lag })] })
  const words = (now: Date) => agedBucket(late, now).replicas.map(stateWords)
  expect(words(at('01:05'))).toEqual(['1 min 5 s behind'.replaceAll(/(\d) /g, '$1\u00a0')])
  expect(words(at('00:02')), 'a clock that is behind makes nothing younger').toEqual(['5\u00a0s behind'])
})

test('a copy that lacks nothing has no age', () => {
  const whole = bucket({ replicas: [replica('edge')] })
  expect(agedBucket(whole, at('01:05'))).toEqual(whole)
})
