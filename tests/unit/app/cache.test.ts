import { readFileSync } from 'node:fs'
import { buildSchema, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { keylessTypes } from '../../../app/_lib/cache.ts'

test('the cache knows every type without an id, so that none is written by a made-up key', () => {
  const schema = buildSchema(readFileSync('graphql/schema.graphql', 'utf8'))
  const roots = ['Query', 'Mutation', 'Subscription']
  const without = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__') && !roots.includes(name))
    .filter((type) => type.getFields()['id'] === undefined)
    .map(({ name }) => name)
  expect(without).toContain('Route')
  expect(new Set(keylessTypes.filter((name) => !roots.includes(name)))).toEqual(new Set(without))
})
