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

test('a copy that is held up by what is in its way is not told as whole', () => {
  const link = { pause: null, bytesPerSecond: null, waiting: { objects: 0, bytes: 0 } } as LinkPartsFragment
  const said = (stuck: number) => plain(replicationSentence([link], [], stuck))
  expect(said(0)).toBe('Every copy has all that its master has.')
  expect(said(1)).toBe('Nothing waits. 1 copy is held up.')
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
