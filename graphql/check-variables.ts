// Variables are checked before graphql-js does it: its messages repeat the values, and a value may be a secret.
import {
  coerceInputValue,
  type DocumentNode,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
} from 'graphql'
import { badRequest } from './bad-request.ts'

type Variables = Readonly<Record<string, unknown>>

/** The type that is asked for at a place inside a variable. */
function typeAt(type: GraphQLInputType, path: readonly (string | number)[]): GraphQLInputType {
  const [step, ...rest] = path
  if (step === undefined) return type
  const nullable = getNullableType(type)
  if (isListType(nullable)) return typeAt(nullable.ofType, rest)
  const field = isInputObjectType(nullable) ? nullable.getFields()[String(step)] : undefined
  return field === undefined ? type : typeAt(field.type, rest)
}

/** Messages of graphql-js that name fields and types, never values. */
const withoutValues =
  /^(Field "\w+" of required type "[\w![\]]+" was not provided\.|Field "\w+" is not defined by type "\w+"\.|Exactly one key must be specified for OneOf type "\w+"\.|Field "\w+" must be non-null\.)/

/** What is wrong with the variables of the operation; undefined when nothing is. */
export function variablesProblem(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName)
  for (const definition of operation?.variableDefinitions ?? []) {
    const name = definition.variable.name.value
    const type = typeFromAST(schema, definition.type)
    if (!isInputType(type)) continue // validation has said so
    const problem = Object.hasOwn(variables, name)
      ? valueProblem(name, variables[name], type)
      : isNonNullType(type) && definition.defaultValue === undefined
        ? `Variable "$${name}" is required`
        : undefined
    if (problem !== undefined) return badRequest('BAD_USER_INPUT', problem)
  }
  return undefined
}

function valueProblem(name: string, value: unknown, type: GraphQLInputType): string | undefined {
  let problem: string | undefined
  coerceInputValue(value, type, (path, _value, error) => {
    if (problem !== undefined) return
    const known = withoutValues.exec(error.message)?.[0]
    const place = path.length === 0 ? '' : ` at "${path.join('.')}"`
    problem = `Variable "$${name}" is not usable${place}: ${known ?? `it must be of the type ${String(typeAt(type, path))}`}`
  })
  return problem
}
