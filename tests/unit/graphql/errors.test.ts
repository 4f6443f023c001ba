import { buildSchema, GraphQLError, parse } from 'graphql'
import { expect, test } from 'vitest'
import { variablesProblem } from '../../../graphql/check-variables.ts'
import { maskError, withoutQuotes } from '../../../graphql/mask-errors.ts'
import { FadoError } from '../../../server/domain/errors.ts'
import { createLog } from '../../../server/log.ts'
import { PageError } from '../../../server/services/shared/paging.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'

const log = createLog('silent', 'test')
const mask = (error: GraphQLError) => maskError(log, error.toJSON(), error)
const wrap = (originalError: Error) => new GraphQLError(originalError.message, { originalError })

test('a refusal keeps its code and words, a bad page is an error of the input', () => {
  expect(mask(wrap(new FadoError('NOT_FOUND', 'There is no x')))).toEqual({
    message: 'There is no x',
    extensions: { code: 'NOT_FOUND' },
  })
  expect(mask(wrap(new PageError('first must be from 1 to 100')))).toMatchObject({
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test.each([
  [Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })],
  [new Error('Connection terminated unexpectedly')],
  [new Error('timeout exceeded when trying to connect')],
  [new Error('PostgreSQL does not answer: no byte came for 5 s, and it works on nothing')],
  [Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' })],
  [Object.assign(new Error('sorry, too many clients already'), { code: '53300' })],
  [Object.assign(new Error("Can't reach database server at 127.0.0.1:5432"), { code: 'P1001' })],
])('%s: the database cannot be used, and that is said', (error) => {
  expect(mask(wrap(error))).toEqual({
    message: `PostgreSQL cannot be used: ${error.message}. Try again in a moment`,
    extensions: { code: 'UNAVAILABLE' },
  })
})

test.each([
  [new StorageError('unreachable', 'connect ECONNREFUSED 127.0.0.1:9000', { code: 'ECONNREFUSED' })],
  [Object.assign(new Error('relation "x" does not exist'), { code: '42P01' })],
  [Object.assign(new Error('duplicate key'), { code: '23505' })],
])('%s is no outage of the database', (error) => {
  expect(mask(wrap(error)).extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
})

test('what nobody expected shows nothing but an id', () => {
  for (const error of [
    wrap(new Error('connect ECONNREFUSED /var/lib')),
    new GraphQLError('Cannot return null for non-nullable field X.y'),
  ]) {
    const shown = mask(error)
    expect(shown.message).toMatch(/^Something went wrong here; the log has it as [0-9a-f-]{36}$/)
    expect(shown.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
  }
})

test.each([
  ['Syntax Error: Expected Name, found String "geheim".', 'The document cannot be parsed'],
  ['String cannot represent a non string value: geheim', 'String cannot represent a non string value'],
  ['Enum "TokenRole" cannot represent non-enum value: "geheim".', 'Enum "TokenRole" cannot represent non-enum value'],
  ['Expected value of type "ClusterCreateInput!", found "geheim".', 'Expected value of type "ClusterCreateInput!"'],
  [
    'Value "geheim" does not exist in "TokenRole" enum. Did you mean the enum value "ADMIN"?',
    'The value does not exist in "TokenRole" enum',
  ],
  ['Cannot query field "nothing" on type "Query".', 'Cannot query field "nothing" on type "Query".'],
])('%s is said without what was given', (message, said) => {
  expect(withoutQuotes(message)).toBe(said)
})

const schema = buildSchema(`
  enum Kind { A B }
  input Inner { secret: String!, kind: Kind, list: [Int!] }
  input Outer { inner: [Inner!]! }
  input One @oneOf { a: Int, b: Int }
  type Query { x(o: Outer, i: Int!, one: One): Int }`)
const document = parse(
  'query ($o: Outer, $i: Int! = 3, $j: Int!, $one: One) { x(o: $o, i: $i, one: $one) y: x(i: $j) }',
)
const problem = (variables: Record<string, unknown>) =>
  variablesProblem(schema, document, undefined, { j: 1, ...variables })?.message

test('variables that fit have no problem', () => {
  expect(problem({})).toBeUndefined()
  expect(problem({ o: { inner: [{ secret: 's', kind: 'A', list: [1] }] }, one: { a: 1 } })).toBeUndefined()
  expect(problem({ o: null })).toBeUndefined()
})

test.each([
  [
    { o: { inner: [{ secret: 42 }] } },
    'Variable "$o" is not usable at "inner.0.secret": it must be of the type String!',
  ],
  [
    { o: { inner: [{ secret: 's', kind: 'geheim' }] } },
    'Variable "$o" is not usable at "inner.0.kind": it must be of the type Kind',
  ],
  [
    { o: { inner: [{ secret: 's', list: [1, 'geheim'] }] } },
    'Variable "$o" is not usable at "inner.0.list.1": it must be of the type Int!',
  ],
  [
    { o: { inner: [{}] } },
    'Variable "$o" is not usable at "inner.0": Field "secret" of required type "String!" was not provided.',
  ],
  [{ o: { inner: [], geheim: 1 } }, 'Variable "$o" is not usable: Field "geheim" is not defined by type "Outer".'],
  [{ o: 'geheim' }, 'Variable "$o" is not usable: it must be of the type Outer'],
  [{ one: { a: 1, b: 2 } }, 'Variable "$one" is not usable: Exactly one key must be specified for OneOf type "One".'],
  [{ j: null }, 'Variable "$j" is not usable: it must be of the type Int!'],
  [{ j: undefined }, 'Variable "$j" is not usable: it must be of the type Int!'],
])('%j is said without its values', (variables, message) => {
  expect(problem(variables)).toBe(message)
})
