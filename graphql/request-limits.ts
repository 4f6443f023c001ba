// How much one request may ask for. All is reckoned before anything runs.
import { createComplexityRule } from '@pothos/plugin-complexity'
import {
  type ASTVisitor,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type ValidationContext,
  validate,
} from 'graphql'
import { badRequest } from './bad-request.ts'

/** Ten times what the console's largest document has. */
export const maxTokens = 5_000
const maxAliases = 30
/** The deepest document of the contract has 6. */
const maxDepth = 12
const maxBreadth = 1_000
/** About the fields of the answer: a page of 100 buckets with all their parts has 25 000. */
const maxComplexity = 50_000

/** Of brackets: graphql-js goes down into a document by calling itself, and the stack has an end. */
const maxNesting = 200

/** Asked before the document is parsed. Brackets in strings count too; nobody has so many. */
export function nestingProblem(source: string): GraphQLError | undefined {
  let depth = 0
  for (const sign of source) {
    if ('{[('.includes(sign)) depth++
    else if ('}])'.includes(sign)) depth--
    if (depth > maxNesting) return badRequest('TOO_DEEP', `The document is nested more than ${maxNesting} deep`)
  }
  return undefined
}

/** The operation that is asked for must be there. `http`: subscriptions have no place in one answer. */
export function operationProblem(
  document: DocumentNode,
  operationName: string | null | undefined,
  transport: 'http' | 'socket',
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName)
  if (!operation) {
    const problem = operationName ? 'has no operation of the name that was given' : 'has several operations: name one'
    return badRequest('OPERATION_RESOLUTION_FAILURE', `The document ${problem}`)
  }
  if (operation.operation === 'subscription' && transport === 'http')
    return badRequest('BAD_REQUEST', 'Subscriptions go over a WebSocket, by the protocol graphql-transport-ws')
  return undefined
}

/** The same field asked for again and again under other names. */
export function limitAliases(context: ValidationContext): ASTVisitor {
  let aliases = 0
  return {
    Field(node) {
      if (node.alias !== undefined) aliases++
      if (aliases === maxAliases + 1)
        context.reportError(badRequest('TOO_MANY_ALIASES', `The document has more than ${maxAliases} aliases`))
    },
  }
}

/** Depth, breadth and cost of the operation with its variables; undefined when it may run. */
export function costProblem(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variableValues: Record<string, unknown>,
  context: object,
): GraphQLError | undefined {
  const rule = createComplexityRule({
    context,
    variableValues,
    ...(operationName ? { operationName } : {}),
    validate({ depth, breadth, complexity }, report) {
      if (depth > maxDepth)
        report(badRequest('TOO_DEEP', `The operation is ${depth} fields deep, at most ${maxDepth} are allowed`))
      if (breadth > maxBreadth)
        report(
          badRequest('TOO_MANY_FIELDS', `The operation selects ${breadth} fields, at most ${maxBreadth} are allowed`),
        )
      if (complexity > maxComplexity)
        report(
          badRequest(
            'TOO_COSTLY',
            `The operation costs ${complexity}, at most ${maxComplexity} is allowed: ask for less, or smaller pages`,
          ),
        )
    },
  })
  return validate(schema, document, [rule])[0]
}
