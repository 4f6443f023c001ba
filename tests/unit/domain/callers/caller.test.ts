import { expect, test } from 'vitest'
import { type Caller, isAlso } from '../../../../server/domain/callers/caller.ts'

const token = (more: Partial<Caller<'token'>> = {}): Caller => ({
  ...{ id: 'x', kind: 'token', issuer: 'https://login.example', audiences: [], claims: [] },
  ...more,
})
const certificate = (names: readonly string[], authority = 'PEM'): Caller => ({
  ...{ id: 'x', kind: 'certificate', authority, names },
})
const says = (name: string, ...values: string[]) => ({ claims: [{ name, values }] })

test.for<[string, Caller, Caller, boolean]>([
  ['who says the same', token(), token(), true],
  ['who asks for less', token({ audiences: ['a'], ...says('role', 'nurse') }), token(), true],
  ['one of another issuer', token(), token({ issuer: 'https://other.example' }), false],
  ['who takes more audiences', token({ audiences: ['a'] }), token({ audiences: ['b', 'a'] }), true],
  ['who takes fewer', token({ audiences: ['b', 'a'] }), token({ audiences: ['a'] }), false],
  ['who takes some, where any will do', token(), token({ audiences: ['a'] }), false],
  ['who takes more of a claim', token(says('role', 'nurse')), token(says('role', 'cook', 'nurse')), true],
  ['who takes less of it', token(says('role', 'cook', 'nurse')), token(says('role', 'nurse')), false],
  ['who asks for it', token(), token(says('role', 'nurse')), false],
  ['who asks for another', token(says('role', 'nurse')), token(says('ward', 'nurse')), false],
  ['one of more names', certificate(['a']), certificate(['b', 'a']), true],
  ['one of fewer', certificate(['b', 'a']), certificate(['a']), false],
  ['one of another authority', certificate(['a']), certificate(['a'], 'other'), false],
  ['one of another kind', certificate(['a']), token(), false],
])('what proves a caller proves %s, or not', ([_who, one, other, expected]) => {
  expect(isAlso(one, other)).toBe(expected)
})
