import { expect, test } from 'vitest'
import { oneCallCommand } from '../../../app/_lib/commands.ts'
import { otherHeaders, typedFault, typedHeaders } from '../../../app/_lib/typed-call.ts'

const call = { method: 'POST', path: '/function/f', bucket: 'photos', others: '' }
const header = 'X-Data'

test('a call has the header that names its bucket, and others that were typed, one a line', () => {
  expect(typedHeaders(call, header)).toEqual([{ name: 'X-Data', value: 'photos' }])
  const others = ' content-type:application/grpc+proto \n\nOrigin: https://app.example:8443\n'
  const typed = [
    { name: 'content-type', value: 'application/grpc+proto' },
    { name: 'Origin', value: 'https://app.example:8443' },
  ]
  expect(typedHeaders({ ...call, bucket: '', others }, header)).toEqual(typed)
  expect(otherHeaders({ others })).toEqual(typed)
  const ingress = { url: 'http://h', header }
  expect(oneCallCommand(ingress, { ...call, headers: typed, proof: undefined })).toBe(
    'curl -i -X POST -H "X-Data: photos" -H "content-type: application/grpc+proto" -H "Origin: https://app.example:8443" "http://h/function/f"',
  )
})

test('what is wrong with it is told where it was typed', () => {
  const part = (change: Partial<typeof call>) => typedFault({ ...call, ...change }, header)?.part
  expect(part({})).toBeUndefined()
  expect(part({ path: 'f' })).toBe('path')
  expect(part({ bucket: 'a\u0007' })).toBe('bucket')
  expect(part({ others: 'a b: c' })).toBe('headers')
  expect(part({ bucket: '', others: 'a b: c' })).toBe('headers')
  expect(part({ others: `a: ${'x'.repeat(70_000)}` })).toBe('call')
  expect(typedFault({ ...call, others: 'a: b\ncontent-type' }, header)).toEqual({
    part: 'headers',
    message: 'Write NAME: VALUE, not content-type',
  })
})
