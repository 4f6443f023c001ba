import { expect, test } from 'vitest'
import { chooseSource, type SourceCandidate } from '../../../../server/domain/replica/rebuild-source.ts'

const copy = (store: string, change: Partial<SourceCandidate> = {}): SourceCandidate => ({
  store,
  wanted: true,
  complete: true,
  healthy: true,
  conflicts: 0,
  lacks: 0,
  ...change,
})

test('without a name it is the copy that lacks the fewest changes, by name where they are equal', () => {
  const all = [copy('edge', { lacks: 2 }), copy('far'), copy('cloud'), copy('away', { healthy: false })]
  expect(chooseSource(all, null)).toMatchObject({ chosen: { store: 'cloud' } })
})

test('a copy that lacks something is taken where no other lacks less: nobody has more', () => {
  const all = [copy('edge', { lacks: 1 }), copy('cloud', { lacks: 1 })]
  expect(chooseSource(all, 'edge')).toMatchObject({ chosen: { store: 'edge' } })
})

test.each([
  [{ lacks: 1 }, 'lacks 1 change'],
  [{ wanted: false }, 'is being removed'],
  [{ complete: false }, 'is not complete'],
  [{ healthy: false }, 'cannot be used now'],
  [{ conflicts: 2 }, '2 objects in conflict'],
] as const)('a named copy with %o is refused, and says why', (change, why) => {
  expect(chooseSource([copy('edge', change), copy('cloud')], 'edge')).toEqual({
    unsafe: expect.stringContaining(why) as string,
  })
})

test('there is none, none that may be used, or none of that name', () => {
  expect(chooseSource([], null)).toEqual({ unsafe: 'it has no replica' })
  expect(chooseSource([copy('edge', { complete: false })], null)).toEqual({
    unsafe: 'the copy on edge is not complete',
  })
  expect(chooseSource([copy('edge')], 'cloud')).toBeNull()
})
