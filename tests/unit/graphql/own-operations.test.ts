import { formatDocument } from '@urql/core'
import { type DefinitionNode, type DocumentNode, Kind } from 'graphql'
import { expect, test } from 'vitest'
import * as generated from '../../../graphql/generated/operations.ts'
import { costProblem } from '../../../graphql/request-limits.ts'
import { schema } from '../../../graphql/schema/index.ts'

const isDocument = (value: unknown): value is DocumentNode =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT
/** Lists and overviews need no variable; what is about one thing costs less. */
const isFree = (definition: DefinitionNode): boolean =>
  definition.kind === Kind.OPERATION_DEFINITION &&
  (definition.variableDefinitions ?? []).every(({ type }) => type.kind !== Kind.NON_NULL_TYPE)
const operations = Object.entries(generated)
  .filter(([name, value]) => name.endsWith('Document') && isDocument(value))
  .map(([name, value]) => [name, value as unknown as DocumentNode] as const)
  .filter(([, { definitions }]) => definitions.some(isFree))

/** The largest pages that are asked for: the console's lists have 50, those of the commands 25 buckets. */
const pageOf = (name: string) => ({ first: name.startsWith('CliBuckets') ? 25 : 50 })

test.each(operations)('%s is within the limits of a request', (name, document) => {
  // As the console sends it: with the type of each thing.
  const sent = name.startsWith('Cli') ? document : (formatDocument(document) as DocumentNode)
  expect(costProblem(schema, sent, undefined, pageOf(name), {})).toBeUndefined()
})
