// The schema against the contract with outside programs.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../../graphql/schema/index.ts'

const contract = path.resolve(import.meta.dirname, '../../contract')
const read = (name: string) => readFileSync(path.join(contract, name), 'utf8')
const sketch = buildSchema(read('schema-sketch.graphql'))
const operations = parse(read('operations.graphql')).definitions.filter(
  (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
)

/** Of the contract's operations those that FaDO has by now. */
const present = new Set(
  `ClusterCreate ClusterUpdate ClusterDelete FaasDeploymentAdd FaasDeploymentRemove StorageDeploymentAdd
   StorageDeploymentUpdate StorageDeploymentRemove Clusters BucketCreate BucketDelete PolicySet PolicyUnset RouteOverrideSet
   RouteOverrideClear Bucket Buckets Policies Objects ReplicaResync Proxies ProxyForget TokenCreate TokenRevoke Tokens ReplicationProgress
   RoutesChanged ProxyStatus ReplicationPause ReplicationResume ReplicaLag Links AwaitReplicated MasterResolve
   MasterRegressed StoreBuckets BucketAdopt ReplicaRelease
   ExplainRequest ExplainDecision UploadBegin UploadParts UploadComplete UploadAbort ObjectDelete DownloadUrl
   Callers CallerCreate CallerDelete InvocationStats`.split(/\s+/),
)

type Members = Readonly<Record<string, readonly string[]>>
/** What the sketch has and FaDO does not have yet, by what it is for. */
const notYet: Readonly<Record<string, Members>> = {
  'plans, explanations and long operations': {
    Query: ['planPolicyChange', 'simulate', 'operation', 'residencyReport', 'planBucketChange', 'explainPlacement'],
    Mutation: ['clusterCordon', 'clusterUncordon', 'clusterDrain', 'masterSwitch', 'operationCancel'],
    Subscription: ['operationProgress', 'events'],
  },
}
const missingOf = (type: string) => Object.values(notYet).flatMap((members) => members[type] ?? [])

test.each(
  operations.filter(({ name }) => present.has(name?.value ?? '')).map((one) => [one.name?.value ?? '', one] as const),
)('the operation %s of the contract is valid', (_name, definition) => {
  expect(validate(schema, { kind: Kind.DOCUMENT, definitions: [definition] }).map(String)).toEqual([])
})

test('every operation of the contract that is valid is known to be there, and all that are known are in the contract', () => {
  const valid = operations.filter(
    (definition) => validate(schema, { kind: Kind.DOCUMENT, definitions: [definition] }).length === 0,
  )
  expect(new Set(valid.map(({ name }) => name?.value))).toEqual(present)
})

type Member = GraphQLField<unknown, unknown> | GraphQLInputField
const membersOf = (type: GraphQLNamedType): readonly Member[] =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : []
const argsOf = (member: Member): readonly GraphQLArgument[] => ('args' in member ? member.args : [])

const shared = Object.values(sketch.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && schema.getType(type.name) !== undefined,
)

describe.each(shared.map((type) => [type.name, type] as const))('the type %s', (name, wanted) => {
  const ours = schema.getType(name) as GraphQLNamedType
  const missing = new Set(missingOf(name))

  test('is of the kind that the sketch has, with its names, types and nullability', () => {
    expect(ours.constructor.name).toBe(wanted.constructor.name)
    const members = new Map(membersOf(ours).map((member) => [member.name, member]))
    for (const member of membersOf(wanted)) {
      if (missing.has(member.name)) {
        expect(members.has(member.name), `${name}.${member.name} is there by now`).toBe(false)
        continue
      }
      const found = members.get(member.name)
      expect(found && `${found.name}: ${found.type}`, `${name}.${member.name}`).toBe(`${member.name}: ${member.type}`)
      const args = new Map(found ? argsOf(found).map((arg) => [arg.name, arg]) : [])
      for (const arg of argsOf(member)) {
        const mine = args.get(arg.name)
        expect(mine && [`${mine.type}`, mine.defaultValue], `${name}.${member.name}(${arg.name})`).toEqual([
          `${arg.type}`,
          arg.defaultValue,
        ])
      }
    }
  })

  test('has the values, members and defaults of the sketch', () => {
    if (isEnumType(wanted) && isEnumType(ours))
      expect(
        ours
          .getValues()
          .map((value) => value.name)
          .concat(...missing)
          .sort(),
      ).toEqual(
        wanted
          .getValues()
          .map((value) => value.name)
          .sort(),
      )
    if (isUnionType(wanted) && isUnionType(ours))
      expect(ours.getTypes().map(String).sort()).toEqual(wanted.getTypes().map(String).sort())
    if (isObjectType(wanted) && isObjectType(ours))
      expect(ours.getInterfaces().map(String)).toEqual(expect.arrayContaining(wanted.getInterfaces().map(String)))
    if (isInputObjectType(wanted) && isInputObjectType(ours)) {
      expect(ours.isOneOf).toBe(wanted.isOneOf)
      for (const field of Object.values(wanted.getFields()).filter((one) => !missing.has(one.name)))
        expect(ours.getFields()[field.name]?.defaultValue, `${name}.${field.name}`).toEqual(field.defaultValue)
    }
  })
})

test('nothing that may be left out was made required beyond the sketch', () => {
  const required = shared.flatMap((type) => {
    const known = new Set(membersOf(type).map((member) => member.name))
    const ours = schema.getType(type.name)
    if (!isInputObjectType(ours)) return []
    return Object.values(ours.getFields())
      .filter((field) => !known.has(field.name) && String(field.type).endsWith('!') && field.defaultValue === undefined)
      .map((field) => `${type.name}.${field.name}`)
  })
  expect(required).toEqual([])
})

const shownOnce = new Set(['TokenCreatePayload', 'CallerCreatePayload'])

test('no type that can be read has a member that could hold a credential', () => {
  const suspects = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__') && !shownOnce.has(type.name))
    .flatMap((type) => membersOf(type).map((member) => `${type.name}.${member.name}`))
    .filter((name) => /secret|credential|accessKey|password|hash/i.test(name))
  expect(suspects).toEqual([])
})
