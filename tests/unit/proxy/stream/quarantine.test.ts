import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createQuarantine } from '../../../../proxy/stream/quarantine.ts'

test('of any refused response just the culprits are set aside, and all others get through, in few messages', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(299), { maxLength: 4 }), (size, bad) => {
      const quarantine = createQuarantine()
      const names = Array.from({ length: size }, (_, i) => `r${i}`)
      const culprits = new Set(bad.filter((i) => i < size).map((i) => `r${i}`))
      const taken = new Set<string>()
      let messages = 0
      const send = (batch: string[]) => {
        messages++
        if (!batch.some((name) => culprits.has(name))) for (const name of batch) taken.add(name)
        else quarantine.nack(new Map(batch.map((name) => [name, '1'])), 'refused')
      }
      send(names)
      for (let batch = quarantine.nextBatch(); batch; batch = quarantine.nextBatch()) send(batch)
      expect(new Set(quarantine.refused.keys())).toEqual(culprits)
      expect(taken.size).toBe(size - culprits.size)
      expect(messages).toBeLessThanOrEqual(1 + 2 * culprits.size * Math.ceil(Math.log2(size + 1)))
    }),
  )
})

test('a refused resource stays aside until its version is another', () => {
  const quarantine = createQuarantine()
  expect(quarantine.nack(new Map([['a', '1']]), 'why')).toEqual(['a'])
  expect(quarantine.refusal('a', '1')).toEqual({ version: '1', error: 'why' })
  expect(quarantine.refusal('a', '2')).toBeUndefined()
  expect(quarantine.refused.size).toBe(1)
  quarantine.release('a')
  expect(quarantine.refusal('a', '1')).toBeUndefined()
})
