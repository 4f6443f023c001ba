import { expect, test } from 'vitest'
import { createDeltaStream } from '../../../../proxy/stream/delta-stream.ts'
import { deltaRequest as request } from '../../../support/delta-request.ts'

const versions = (entries: Record<string, string>) => new Map(Object.entries(entries))

test('a type that FaDO does not serve is ignored', () => {
  const stream = createDeltaStream()
  expect(stream.receive({ ...request('scope'), typeUrl: 'type.googleapis.com/other' })).toEqual([])
  expect(stream.isSubscribed('scope')).toBe(false)
})

test('an empty first subscription wants every name, a named one only its names', () => {
  const stream = createDeltaStream()
  stream.receive(request('scope'))
  stream.receive(request('table', { subscribe: ['a'] }))
  expect(stream.wants('scope', 'anything')).toBe(true)
  expect([stream.wants('table', 'a'), stream.wants('table', 'b')]).toEqual([true, false])
  stream.receive(request('table', { subscribe: ['*'] }))
  expect(stream.wants('table', 'b')).toBe(true)
  stream.receive(request('table', { unsubscribe: ['*'] }))
  expect(stream.wants('table', 'b')).toBe(false)
})

test('only an ACK makes a version known', () => {
  const stream = createDeltaStream()
  stream.receive(request('scope'))
  const response = stream.send('scope', versions({ a: '1' }), [])
  expect(stream.has('scope', 'a')).toBe(false)
  const [event] = stream.receive(request('scope', { nonce: response.nonce }))
  expect(event).toMatchObject({ kind: 'acked', type: 'scope', before: new Map() })
  expect([stream.has('scope', 'a', '1'), stream.has('scope', 'a', '2')]).toEqual([true, false])
})

test('a response is sent only when the last one of its type is answered', () => {
  const stream = createDeltaStream()
  expect(stream.isIdle('scope')).toBe(false)
  stream.receive(request('scope'))
  const response = stream.send('scope', versions({ a: '1' }), [])
  expect(stream.isIdle('scope')).toBe(false)
  expect(() => stream.send('scope', versions({ b: '1' }), [])).toThrow('not due')
  stream.receive(request('scope', { nonce: response.nonce }))
  expect(stream.isIdle('scope')).toBe(true)
})

test('an answer to anything but the last response counts for nothing', () => {
  const stream = createDeltaStream()
  stream.receive(request('scope'))
  stream.send('scope', versions({ a: '1' }), [])
  expect(stream.receive(request('scope', { nonce: 'scope-0' }))).toEqual([])
  expect(stream.receive(request('scope', { nonce: 'scope-0', error: 'no' }))).toEqual([])
  expect(stream.isIdle('scope')).toBe(false)
})

test('after a NACK nothing of the response is known, neither what it brought nor what it took', () => {
  const stream = createDeltaStream()
  stream.receive(request('scope', { initialVersions: versions({ old: '1', gone: '1' }) }))
  const response = stream.send('scope', versions({ old: '2', fresh: '1' }), ['gone'])
  const events = stream.receive(request('scope', { nonce: response.nonce, error: 'bad' }))
  expect(events).toEqual([{ kind: 'nacked', type: 'scope', response, error: 'bad' }])
  for (const name of ['old', 'fresh', 'gone']) {
    expect([name, stream.has('scope', name)]).toEqual([name, false])
    expect([name, stream.mayHave('scope', name)]).toEqual([name, true])
  }
})

test('what a returning client names in its initial versions is known', () => {
  const stream = createDeltaStream()
  const initial = request('table', { subscribe: ['a', 'b'], initialVersions: versions({ a: '7' }) })
  expect(stream.receive(initial)).toEqual([{ kind: 'subscribed', type: 'table', names: ['a', 'b'], first: true }])
  expect([stream.has('table', 'a', '7'), stream.has('table', 'b')]).toEqual([true, false])
  expect(stream.mayHave('table', 'b')).toBe(true)
})

test('a name that is asked for again is not known any more, not even by an ACK of what was under way', () => {
  const stream = createDeltaStream()
  stream.receive(request('table', { subscribe: ['a', 'b'] }))
  const response = stream.send('table', versions({ a: '1', b: '1' }), [])
  stream.receive(request('table', { subscribe: ['a'] }))
  stream.receive(request('table', { nonce: response.nonce }))
  expect([stream.has('table', 'a'), stream.has('table', 'b')]).toEqual([false, true])
})

test('a NACK tells of the whole response, also of names that were dropped since', () => {
  const stream = createDeltaStream()
  stream.receive(request('table', { subscribe: ['a', 'bad'] }))
  const response = stream.send('table', versions({ a: '1', bad: '1' }), [])
  stream.receive(request('table', { unsubscribe: ['bad'] }))
  const [event] = stream.receive(request('table', { nonce: response.nonce, error: 'bad table' }))
  expect(event).toMatchObject({ kind: 'nacked', response: { resources: versions({ a: '1', bad: '1' }) } })
})

test('the ACK of a removal makes it known, and says what was there before', () => {
  const stream = createDeltaStream()
  stream.receive(request('scope', { initialVersions: versions({ a: '1', b: '1' }) }))
  const response = stream.send('scope', versions({ b: '2' }), ['a'])
  const [event] = stream.receive(request('scope', { nonce: response.nonce }))
  expect(event).toMatchObject({ before: versions({ a: '1', b: '1' }) })
  expect(stream.mayHave('scope', 'a')).toBe(false)
  expect(stream.known('scope')).toEqual(versions({ b: '2' }))
})
