// What is taken of the keys that an issuer shows.
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { publicKeys } from '../../../../../server/services/callers/public-keys.ts'
import { oddKeys, soundKeys } from '../../../../support/odd-keys.ts'

const taken = (...keys: readonly unknown[]) => publicKeys(JSON.stringify({ keys }))

test.for(Object.entries(oddKeys))('%s is no key to check signatures by, alone or beside one that is', ([, odd]) => {
  expect(taken(odd)).toEqual({ refused: expect.stringMatching(/^holds no public key/) })
  for (const sound of Object.values(soundKeys)) {
    expect(taken(odd, sound)).toEqual(taken(sound))
    expect(taken(sound, odd)).toEqual(taken(sound))
  }
})

test.for(Object.entries(soundKeys))('%s is kept as it is, without what is private', ([, sound]) => {
  expect(taken(sound)).toEqual({ keys: expect.any(String) })
  expect(JSON.parse((taken(sound) as { keys: string }).keys)).toEqual({ keys: [sound] })
  expect(taken({ ...sound, d: 'c2VjcmV0', k: 'c2VjcmV0', x5c: ['AAAA'], more: 1 })).toEqual(taken(sound))
})

test('what is no set, or too large, is told', () => {
  for (const text of ['', 'none', '[]', '{}', '{"keys":{}}', 'null', '1'])
    expect(publicKeys(text)).toEqual({ refused: 'must be a JWK set: {"keys": [...]}' })
  const { publicKey } = generateKeyPairSync('ed25519')
  const many = Array.from({ length: 101 }, () => publicKey.export({ format: 'jwk' }))
  expect(taken(...many)).toEqual({ refused: 'must hold at most 100 keys' })
})
