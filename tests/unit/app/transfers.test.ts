import { expect, onTestFinished, test, vi } from 'vitest'
import { sendBytes } from '../../../app/_lib/uploads/send-bytes.ts'
import { createTransfers } from '../../../app/_lib/uploads/transfers.ts'
import type { UploadApi } from '../../../app/_lib/uploads/upload-api.ts'
import { SendFailure, type Ways } from '../../../app/_lib/uploads/ways.ts'
import { eventually } from '../../support/eventually.ts'

const address = { method: 'PUT', url: 'http://store.test/a', headers: [] }
const file = new File([new Uint8Array(300)], 'a.bin')

/** A large object of three parts. `part`: what is asked before each of them is sent. */
function transfersOf(part: UploadApi['part'], abort: UploadApi['abort'] = async () => undefined) {
  const api: UploadApi = {
    exists: async () => false,
    begin: async () => ({ id: 'u1', address: null, partSize: 100, parts: [] }),
    part,
    complete: async () => undefined,
    abort: vi.fn(abort),
  }
  const send = vi.fn<Ways['send']>((_address, _through, _type, piece) => {
    piece.signal.throwIfAborted()
    return new Promise((_, reject) => piece.signal.addEventListener('abort', () => reject(piece.signal.reason)))
  })
  const transfers = createTransfers(api, { send, reaches: async () => true })
  transfers.add('b', [{ key: 'a.bin', file }])
  const [one] = transfers.get()
  return { api, send, transfers, drop: () => transfers.drop(one?.id ?? 0) }
}

test('an upload that is cancelled while it is being sent ends, and FaDO is told', async () => {
  const { api, send, drop } = transfersOf(async () => address)
  await eventually('its parts are on their way', async () => send.mock.calls.length === 3)
  drop()
  await eventually('FaDO is told', async () => vi.mocked(api.abort).mock.calls.length === 1)
  expect(api.abort).toHaveBeenCalledWith('u1')
})

test('one that is cancelled while it asks where to send its parts ends, too', async () => {
  const asked: (() => void)[] = []
  const { api, drop } = transfersOf(() => new Promise((resolve) => asked.push(() => resolve(address))))
  await eventually('it asks', async () => asked.length === 3)
  drop()
  for (const answer of asked) answer()
  await eventually('FaDO is told', async () => vi.mocked(api.abort).mock.calls.length === 1)
})

test('FaDO is told again when it could not be reached', async () => {
  let calls = 0
  const { send, drop } = transfersOf(
    async () => address,
    async () => {
      if (++calls === 1) throw new SendFailure('retry', 'FaDO cannot be reached')
    },
  )
  await eventually('its parts are on their way', async () => send.mock.calls.length === 3)
  drop()
  await eventually('FaDO is told', async () => calls === 2)
})

test('one that cannot be sent says why and goes on trying; with the next byte that is over', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let isCut = true
  const api: UploadApi = {
    exists: async () => false,
    begin: async () => ({ id: 'u1', address: null, partSize: 400, parts: [] }),
    part: async () => address,
    complete: async () => undefined,
    abort: async () => undefined,
  }
  const send: Ways['send'] = async (_address, _through, _type, piece) => {
    if (isCut) throw new SendFailure('retry', 'The connection broke off')
    piece.onSent(300)
    return 'etag'
  }
  const transfers = createTransfers(api, { send, reaches: async () => true })
  transfers.add('b', [{ key: 'a.bin', file }])
  await vi.advanceTimersByTimeAsync(90_000)
  expect(transfers.get()).toMatchObject([{ state: 'sending', problem: 'The connection broke off' }])
  isCut = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(transfers.get()).toMatchObject([{ state: 'done', sent: 300, problem: null }])
  isCut = true
  transfers.add('b', [{ key: 'b.bin', file }])
  await vi.advanceTimersByTimeAsync(140_000)
  expect(transfers.get()[1]).toMatchObject({ state: 'failed', problem: 'The connection broke off' })
  isCut = false
  transfers.go(transfers.get()[1]?.id ?? 0)
  await vi.advanceTimersByTimeAsync(0)
  expect(transfers.get()[1]).toMatchObject({ state: 'done', problem: null })
})

test('an address that is too old is asked for anew, once', async () => {
  let asked = 0
  let refused = 1
  const { send, transfers } = transfersOf(async () => {
    asked++
    return address
  })
  send.mockImplementation(async () => {
    if (refused-- > 0) throw new SendFailure('stale', 'The store refused the address')
    return 'etag'
  })
  await eventually('it is there', async () => transfers.get()[0]?.state === 'done')
  expect(asked).toBe(4) // of three parts
  refused = Number.POSITIVE_INFINITY
  transfers.add('b', [{ key: 'b.bin', file }])
  await eventually('it says why it is not', async () => transfers.get()[1]?.state === 'failed')
  expect(transfers.get()[1]?.problem).toBe('The store refused the address')
})

test('nothing is sent for one that is over', async () => {
  const reason = new Error('It was cancelled')
  const piece = { body: file, onSent: () => undefined, signal: AbortSignal.abort(reason) }
  await expect(sendBytes({ ...address, ...piece })).rejects.toBe(reason)
})
