import { expect, test } from 'vitest'
import { createProgress } from '../../../../proxy/stream/progress.ts'

const begun = () => {
  const progress = createProgress({ behindMs: 100 })
  progress.begun()
  return progress
}

test('a change is passed when it is ACKed, and none before an earlier one', () => {
  const progress = begun()
  progress.want('a', 1, 0)
  progress.want('b', 2, 0)
  expect(progress.report(2).ackedThrough).toBe(0)
  progress.acked('b', 2)
  expect(progress.report(2).ackedThrough).toBe(0)
  progress.acked('a', 1)
  expect(progress.report(2)).toEqual({ ackedThrough: 2, exceptions: [] })
})

test('the ACK of an earlier change of a bucket leaves its later one outstanding', () => {
  const progress = begun()
  progress.want('a', 1, 0)
  progress.want('a', 3, 0)
  progress.want('b', 4, 0)
  progress.acked('a', 1)
  progress.acked('b', 4)
  expect(progress.report(4).ackedThrough).toBe(2)
  progress.acked('a', 3)
  expect(progress.report(4).ackedThrough).toBe(4)
})

test('what differs at the beginning holds everything at zero until all of it is ACKed', () => {
  const progress = createProgress({ behindMs: 100 })
  progress.want('a', 70, 0)
  progress.want('b', 20, 0)
  progress.begun()
  progress.want('c', 71, 0)
  progress.acked('b', 20)
  progress.acked('c', 71)
  expect([progress.report(71).ackedThrough, progress.hasCaughtUp()]).toEqual([0, false])
  progress.acked('a', 70)
  expect([progress.report(71).ackedThrough, progress.hasCaughtUp()]).toEqual([71, true])
})

test('a change that is refused or late holds nobody up: its bucket is an exception until an ACK', () => {
  const progress = begun()
  progress.want('refused', 1, 0)
  progress.want('late', 2, 0)
  progress.want('fine', 3, 50)
  progress.nacked('refused', 'why')
  progress.acked('fine', 3)
  expect(progress.report(3).ackedThrough).toBe(1)
  expect(progress.nextTick(50)).toBe(100)
  progress.tick(100)
  expect(progress.report(3)).toEqual({
    ackedThrough: 3,
    exceptions: [
      { bucket: 'refused', number: 1, state: 'nacked', error: 'why' },
      { bucket: 'late', number: 2, state: 'behind' },
    ],
  })
  // A new change does not take the exception away: the one before it was passed over.
  progress.want('refused', 4, 110)
  expect(progress.report(4).exceptions).toContainEqual({ bucket: 'refused', number: 4, state: 'behind' })
  progress.acked('refused', 4)
  progress.acked('late', 2)
  expect(progress.report(4)).toEqual({ ackedThrough: 4, exceptions: [] })
})

test('the list of exceptions is the same one until it changes', () => {
  const progress = begun()
  progress.want('a', 1, 0)
  progress.nacked('a', 'why')
  const { exceptions } = progress.report(1)
  progress.want('b', 2, 0)
  progress.acked('b', 2)
  expect(progress.report(2).exceptions).toBe(exceptions)
  progress.nacked('a', 'another')
  expect(progress.report(2).exceptions).not.toBe(exceptions)
})

test('an Envoy that is late as a whole makes no list of exceptions', () => {
  const progress = begun()
  for (let i = 1; i <= 5000; i++) progress.want(`b${i}`, i, 0)
  progress.tick(1000)
  expect(progress.report(5000)).toEqual({ ackedThrough: 0, exceptions: [] })
  expect(progress.nextTick(1000)).toBeGreaterThan(1000)
})

test('an endless run of changes is followed without growing slow', () => {
  const progress = begun()
  let last = 0
  const from = performance.now()
  for (let i = 1; i <= 300_000; i++) {
    progress.want(`b${i % 1000}`, i, i)
    if (i > 10) progress.acked(`b${(i - 10) % 1000}`, i - 10)
    last = progress.report(i).ackedThrough
  }
  expect(last).toBe(300_000 - 10)
  expect(performance.now() - from).toBeLessThan(5000)
})
