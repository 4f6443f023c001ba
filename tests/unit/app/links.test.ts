import { expect, test } from 'vitest'
import { heldOf } from '../../../app/_lib/held.ts'
import { replicationSentence, sourceWords } from '../../../app/_lib/links.ts'
import { plain } from '../../../app/_lib/parts.ts'
import type { LinkPartsFragment } from '../../../graphql/generated/operations.ts'
import { sourceReasons } from '../../../server/domain/replica/choose-source.ts'
import { reasonOfSource } from '../../../server/domain/replica/say-source.ts'

test.each(sourceReasons)(
  'why bytes come from where they come is said in a few words, and in a sentence: %s',
  (code) => {
    expect(sourceWords(code)).toMatch(/^[a-z ,:]+$/)
    const reason = reasonOfSource(code, 'hpc', 'edge')
    expect(reason).toMatchObject({ code, store: 'hpc' })
    expect(reason.message).toContain('hpc')
  },
)

test('a code of a later version is shown as it is', () => {
  expect(sourceWords('GREENER')).toBe('GREENER')
})

test.each([
  [{ stuck: 0, moving: 0 }, 'Every copy has all that its master has.'],
  [{ stuck: 1, moving: 0 }, 'Nothing waits. 1 copy is held up.'],
  [{ stuck: 0, moving: 2 }, 'Nothing waits. 2 copies are being filled.'],
  [{ stuck: 2, moving: 1 }, 'Nothing waits. 1 copy is being filled. 2 copies are held up.'],
])('only when no copy lacks anything all are told as whole: %o', (others, sentence) => {
  const link = { pause: null, bytesPerSecond: null, waiting: { objects: 0, bytes: 0 } } as LinkPartsFragment
  expect(plain(replicationSentence([link], [], others))).toBe(sentence)
})

test('what somebody ordered holds a copy, what only takes its time does not', () => {
  const wait = (code: string, message: string) => ({
    reason: { code, message },
    objects: 1,
    bytes: 1,
    etaSeconds: null,
  })
  const pause = wait('LINK_PAUSED', 'the link a -> b is paused')
  const turn = wait('LINK_BUSY', 'waits for its turn')
  const held = heldOf([
    { id: 'paused', waiting: [pause, turn] },
    { id: 'moves', waiting: [turn] },
  ])
  expect([...held]).toEqual([['paused', 'The link a -> b is paused.']])
})
