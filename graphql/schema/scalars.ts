import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars'
import { builder } from './builder.ts'

function toCount(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new GraphQLError('A count must be a whole number of at most 2^53 - 1')
}

const bigInt = new GraphQLScalarType({
  name: 'BigInt',
  description: '64-bit count of bytes or objects, a JSON number. An error above 2^53 - 1.',
  serialize: toCount,
  parseValue: toCount,
  parseLiteral: (node) => toCount(node.kind === Kind.INT ? Number(node.value) : undefined),
})

builder.addScalarType('BigInt', bigInt)
builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({ ...GraphQLDateTime.toConfig(), description: 'RFC 3339 time in UTC.' }),
)
builder.addScalarType('JSON', new GraphQLScalarType({ ...GraphQLJSON.toConfig(), description: 'Any JSON value.' }))
