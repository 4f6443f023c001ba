import { buildSchema } from 'graphql'
import { expect, test } from 'vitest'
import { makeIntrospection, makeOperations, printSdl } from '../../../../scripts/generate/graphql.ts'

const sdl = printSdl(
  buildSchema(`
    scalar DateTime
    scalar BigInt
    enum State { UP DOWN }
    type Query { thing(id: ID!): Thing }
    type Thing { id: ID! at: DateTime size: BigInt! state: State! }
  `),
)
const query = { name: 'thing.graphql', text: 'query Thing($id: ID!) { thing(id: $id) { at size state } }' }

test('the printed schema does not depend on the order in which types are declared', () => {
  const swapped = buildSchema('type B { a: Int } type A { b: B } type Query { b: B a: A }')
  const straight = buildSchema('type Query { a: A b: B } type A { b: B } type B { a: Int }')
  expect(printSdl(swapped)).toBe(printSdl(straight))
})

test('an operation becomes a typed document whose scalars have the types they have in JSON', async () => {
  const made = await makeOperations(sdl, [query])
  expect(made).toContain('export const ThingDocument')
  expect(made).toMatch(/at: string \| null/)
  expect(made).toMatch(/size: number/)
  expect(made).not.toMatch(/\b(enum|namespace)\b/) // Node runs it by stripping types
})

test('an operation that the schema does not allow is refused by the field at fault', async () => {
  const wrong = { name: 'wrong.graphql', text: 'query Wrong { thing(id: 1) { colour } }' }
  await expect(makeOperations(sdl, [wrong])).rejects.toThrow('colour')
})

test("the schema for Graphcache holds types and fields and no description or enum's values", () => {
  const made = makeIntrospection(sdl)
  expect(made).toContain('"name":"Thing"')
  expect(made).not.toContain('UP')
})
