// What is made from the GraphQL schema and the operations: the printed schema, typed operations, Graphcache's schema.
import { codegen } from '@graphql-codegen/core'
import * as typedDocumentNode from '@graphql-codegen/typed-document-node'
import * as typescriptOperations from '@graphql-codegen/typescript-operations'
import { getIntrospectedSchema, minifyIntrospectionQuery } from '@urql/introspection'
import { buildSchema, type GraphQLSchema, Kind, lexicographicSortSchema, parse, printSchema, validate } from 'graphql'

export type OperationFile = { readonly name: string; readonly text: string }

const header = '// Made by `npm run generate` from the GraphQL schema and graphql/operations. Do not edit.\n'

/** How our scalars travel in JSON. */
const scalars = { ID: 'string', DateTime: 'string', BigInt: 'number', JSON: 'unknown' }

export const printSdl = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`

/** The types of variables and results of each operation, and the operations as typed documents. */
export async function makeOperations(sdl: string, files: readonly OperationFile[]): Promise<string> {
  const schema = buildSchema(sdl)
  const documents = files.map(({ name, text }) => ({ location: name, document: parse(text) }))
  const definitions = documents.flatMap(({ document }) => document.definitions)
  const [error] = validate(schema, { kind: Kind.DOCUMENT, definitions })
  if (error !== undefined) throw new Error(`graphql/operations: ${error.message}`)
  const types = await codegen({
    filename: 'operations.ts',
    schema: parse(sdl),
    schemaAst: schema,
    documents,
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
    config: {
      scalars,
      enumType: 'string-literal',
      immutableTypes: true,
      useTypeImports: true,
      documentMode: 'documentNode',
    },
  })
  return `${header}${types.trimEnd()}\n`
}

/** What Graphcache must know of the schema: types, their fields, unions; nothing else goes to the browser. */
export function makeIntrospection(sdl: string): string {
  const { __schema } = minifyIntrospectionQuery(getIntrospectedSchema(sdl))
  const { types, ...roots } = __schema
  const lines = types.map((type) => `    ${JSON.stringify(type)},\n`).join('') // a line per type, for diffs that say something
  const entries = Object.entries(roots).map(([name, value]) => `    ${name}: ${JSON.stringify(value)},\n`)
  return `${header}import type { CacheExchangeOpts } from '@urql/exchange-graphcache'

export const introspection: NonNullable<CacheExchangeOpts['schema']> = {
  __schema: {
${entries.join('')}    types: [
${lines}    ],
  },
}
`
}
