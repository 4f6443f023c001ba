import { expect, onTestFinished, test, vi } from 'vitest'
import { createHostAddresses } from '../../../server/host-addresses.ts'

/** A name server that is silent about names that end in `.silent`, until it is told to answer. */
function nameServer() {
  const asked: string[] = []
  const waiting = new Map<string, () => void>()
  const addresses = createHostAddresses(async (host) => {
    asked.push(host)
    if (host.endsWith('.silent')) await new Promise<void>((resolve) => waiting.set(host, resolve))
    waiting.delete(host)
    return [{ address: '10.0.0.1', family: 4 }]
  }, 20)
  return { addresses, asked, waiting }
}

test('a name is asked for once at a time, and anew when it was answered', async () => {
  const { addresses, asked } = nameServer()
  await Promise.all([addresses('a.test'), addresses('a.test'), addresses('b.test')])
  expect(asked).toEqual(['a.test', 'b.test'])
  await addresses('a.test')
  expect(asked).toEqual(['a.test', 'b.test', 'a.test'])
})

test('names about which nobody answered are asked for one after the other, and the others beside them', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { addresses, asked, waiting } = nameServer()
  const answerAll = () => waiting.forEach((answer) => void answer())
  const silent = ['a.silent', 'b.silent', 'c.silent']
  const first = silent.map((host) => addresses(host))
  vi.advanceTimersByTime(20)
  answerAll()
  await Promise.all(first)
  asked.length = 0
  const again = silent.map((host) => addresses(host))
  await addresses('quick.test')
  expect(asked).toEqual(['a.silent', 'quick.test'])
  for (const [i, answer] of again.entries()) {
    expect([...waiting.keys()]).toEqual([silent[i]])
    answerAll()
    await answer
    await new Promise(setImmediate)
  }
  // They were quick this time.
  const anew = silent.map((host) => addresses(host))
  expect(waiting.size).toBe(3)
  answerAll()
  await Promise.all(anew)
})
