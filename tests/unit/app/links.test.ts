import { expect, test } from 'vitest'
import { sourceWords } from '../../../app/_lib/links.ts'
import { sourceReasons } from '../../../server/domain/replica/choose-source.ts'
import { reasonOfSource } from '../../../server/domain/replica/say-source.ts'

test.each(sourceReasons)(
  'why bytes come from where they come is said in a few words, and in a sentence: %s',
  (code) => {
    expect(sourceWords(code)).toMatch(/^[a-z ]+$/)
    const reason = reasonOfSource(code, 'hpc', 'edge')
    expect(reason).toMatchObject({ code, store: 'hpc' })
    expect(reason.message).toContain('hpc')
  },
)

test('a code of a later version is shown as it is', () => {
  expect(sourceWords('GREENER')).toBe('GREENER')
})
