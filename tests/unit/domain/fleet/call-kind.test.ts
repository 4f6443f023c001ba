import { expect, test } from 'vitest'
import { isGrpc, kindsTold, takesKind } from '../../../../server/domain/fleet/call-kind.ts'

test.for([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['application/grpc-web', false],
  ['application/grpc-web+proto', false],
  ['application/grpc;x', false],
  ['application/json', false],
  [undefined, false],
] as const)('a call with the content type %s is of gRPC: %s', ([type, is]) => {
  expect(isGrpc(type)).toBe(is)
})

test('a deployment takes plain calls unless it says otherwise, and calls are told apart where one takes gRPC', () => {
  expect([{}, { takes: 'grpc' }, { takes: 'both' }].map((one) => takesKind(one as object, 'plain'))).toEqual([
    true,
    false,
    true,
  ])
  expect([{}, { takes: 'grpc' }, { takes: 'both' }].map((one) => takesKind(one as object, 'grpc'))).toEqual([
    false,
    true,
    true,
  ])
  expect(kindsTold([{}, { takes: 'plain' }])).toEqual(['plain'])
  expect(kindsTold([{}, { takes: 'both' }])).toEqual(['plain', 'grpc'])
})
