import { expect, test } from 'vitest'
import { definitions, encode } from '../../../proxy/protos.ts'
import { buildEndpoints, featuresOfAll } from '../../../proxy/resources/endpoint.ts'
import { buildRouteTable } from '../../../proxy/resources/route-table.ts'
import { buildBucketScope, buildPinScope, scopeVersion, tableIdOfVersion } from '../../../proxy/resources/scope.ts'
import { targetOf } from '../../../proxy/resources/target.ts'
import { struct } from '../../../proxy/resources/wire.ts'
import { messageNames, type ResourceType } from '../../../proxy/type-urls.ts'
import { contentId } from '../../../server/content-id.ts'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'

const endpoint: FaasEndpoint = {
  id: '1',
  cluster: 'edge',
  kind: 'HTTP',
  url: 'http://10.0.0.1:8080',
  addresses: ['10.0.0.1'],
  weight: 1,
  health: 'healthy',
}

function decode(type: ResourceType, bytes: Buffer): string {
  const definition = definitions[messageNames[type]] as unknown as { deserialize: (bytes: Buffer) => object }
  return JSON.stringify(definition.deserialize(bytes))
}

const unchanged = '/function/{name}{rest}'

test.for([
  ['http://10.0.0.1:8080', { tls: false, port: 8080, hostname: '', host: null, path: unchanged }],
  ['http://10.0.0.1', { tls: false, port: 80, hostname: '', host: null, path: unchanged }],
  ['http://[fd00::1]:9/', { tls: false, port: 9, hostname: '', host: null, path: unchanged }],
  [
    'http://fn.example/a/b/',
    { tls: false, port: 80, hostname: 'fn.example', host: 'fn.example', path: `/a/b${unchanged}` },
  ],
  [
    'https://fn.example:8443',
    { tls: true, port: 8443, hostname: 'fn.example', host: 'fn.example:8443', path: unchanged },
  ],
  [
    'https://user:secret@fn.example?q#f',
    { tls: true, port: 443, hostname: 'fn.example', host: 'fn.example', path: unchanged },
  ],
  ['https://10.0.0.1', { tls: true, port: 443, hostname: '10.0.0.1', host: '10.0.0.1', path: unchanged }],
] as const)('%s is understood', ([url, { tls, port, hostname, host, path }]) => {
  const target = targetOf({ ...endpoint, url })
  expect(target).toMatchObject({ port, hostname, form: { host, path } })
  expect(target?.tls !== null).toBe(tls)
})

test.for(['', 'x', 'ftp://x', 'http://', 'http://x:0', 'http://x:99999', 'unix:/x'])('%s leads nowhere', (url) => {
  expect(targetOf({ ...endpoint, url })).toBeUndefined()
})

test('a deployment whose secrets are not there leads nowhere', () => {
  const auth = { kind: 'key', header: 'x-functions-key' } as const
  expect(targetOf({ ...endpoint, auth })).toBeUndefined()
  expect(targetOf({ ...endpoint, auth, secrets: { version: '1', header: 's3cret' } })).toBeDefined()
  const tls = { caCertificates: null, skipVerify: false, clientCertificate: 'pem' }
  expect(targetOf({ ...endpoint, url: 'https://fn.example', tls })).toBeUndefined()
})

test('only a deployment that needs a rewrite or TLS asks for it', () => {
  const of = (url: string) => featuresOfAll([{ ...endpoint, url }])
  expect(of('http://10.0.0.1:8080')).toEqual([])
  expect(of('http://fn.example')).toEqual(['rewrite'])
  expect(of('http://10.0.0.1/base')).toEqual(['rewrite'])
  expect(of('https://fn.example')).toEqual(['rewrite', 'tls'])
  expect(of('nonsense')).toEqual([])
})

test('structs survive encoding: a plain object in their place would be lost without an error', () => {
  const classes = new Map([['class-1', { clusters: ['edge'] }]])
  const bytes = encode(
    'endpoints',
    buildEndpoints(
      { name: 'fado/round_robin/plain', policy: 'round_robin', kind: 'plain', set: [] },
      [endpoint],
      classes,
    ),
  )
  expect(decode('endpoints', bytes)).toContain('class-1')
  expect(decode('endpoints', bytes)).toContain('edge')
  const table = { clusters: ['edge'], lbPolicy: 'round_robin', timeoutMs: 1500 } as const
  const decoded = decode(
    'table',
    encode('table', buildRouteTable('table-1', table, { kinds: ['plain'], callers: new Map(), authority: undefined })),
  )
  expect(decoded).toContain(contentId(['edge']))
  expect(decoded).toContain('"seconds":1,"nanos":500000000')
  expect(struct({ a: { b: [true, 1] } })).toEqual({
    fields: {
      a: {
        kind: 'structValue',
        structValue: {
          fields: {
            b: {
              kind: 'listValue',
              listValue: {
                values: [
                  { kind: 'boolValue', boolValue: true },
                  { kind: 'numberValue', numberValue: 1 },
                ],
              },
            },
          },
        },
      },
    },
  })
})

test("a scope's version tells its table, and no client can send the key of a pin", () => {
  expect(tableIdOfVersion(scopeVersion('abc-_123'))).toBe('abc-_123')
  expect(JSON.stringify(buildPinScope('t'))).toContain('"string_key":"\\npin t"')
  expect(encode('scope', buildBucketScope('a'.repeat(63), 't'.repeat(16))).length).toBeLessThan(250)
})

test('what is coming back is a spare of each class, and of a part of one only where some call would have nobody else', () => {
  const classes = new Map([
    ['both', { clusters: ['edge', 'hpc'] }],
    ['one', { clusters: ['edge'] }],
    ['part', { clusters: ['edge', 'hpc'], part: ['edge'] }],
  ])
  const edge: FaasEndpoint = { ...endpoint, id: '1', cluster: 'edge', health: 'returning' }
  const hpc: FaasEndpoint = { ...endpoint, id: '2', cluster: 'hpc', addresses: ['10.0.0.2'] }
  const classesOf = (edgeIs: Partial<FaasEndpoint>, hpcIs: Partial<FaasEndpoint> = {}, labelled = false) => {
    const all = [
      { ...edge, ...edgeIs },
      { ...hpc, ...hpcIs },
    ]
    const text = JSON.stringify(
      buildEndpoints({ name: 'x', policy: 'round_robin', kind: 'plain', set: [] }, all, classes, labelled),
    )
    return all.map(({ addresses: [address] }) => {
      const of = text.split('"endpoint":').find((part) => part.includes(`"${address}"`)) ?? ''
      return ['both', 'one', 'part'].filter((id) => of.includes(`"stringValue":"${id}"`)).join()
    })
  }
  /** The addresses of each priority, and whether they are from another locality than those that are well. */
  const prioritiesOf = (...all: readonly FaasEndpoint[]) => {
    const built = buildEndpoints({ name: 'x', policy: 'round_robin', kind: 'plain', set: [] }, all, classes)
    const lists = built['endpoints'] as readonly { priority?: number; lb_endpoints: readonly unknown[] }[]
    const told = lists.map(({ priority = 0, lb_endpoints, ...more }) => [
      priority,
      JSON.stringify(lb_endpoints).match(/10\.0\.0\.\d/g) ?? [],
      'locality' in more,
    ])
    return [told, 'policy' in built]
  }
  const address = edge.addresses[0]
  expect(classesOf({})).toEqual(['both,one', 'both'])
  expect(classesOf({ health: 'healthy' })).toEqual(['both,one,part', 'both'])
  expect(classesOf({}, { health: 'returning' })).toEqual(['both,one,part', 'both'])
  expect(classesOf({}, { health: 'unhealthy' })).toEqual(['both,one,part', ''])
  expect(classesOf({}, { addresses: [] })).toEqual(['both,one,part', ''])
  expect(classesOf({ health: 'unhealthy' })).toEqual(['', 'both'])
  // Of the functions of edge one is nowhere else.
  expect(classesOf({ functions: ['a', 'b'] }, { functions: ['a'] }, true)).toEqual(['both,one,part', 'both'])
  expect(classesOf({ functions: ['a'] }, { functions: ['a', 'b'] }, true)).toEqual(['both,one', 'both'])
  expect(classesOf({ functions: ['a'] }, {}, true), 'hpc may have any').toEqual(['both,one', 'both'])
  expect(prioritiesOf({ ...edge, health: 'healthy' }, hpc)).toEqual([[[0, [address, '10.0.0.2'], false]], false])
  expect(prioritiesOf(edge, hpc)).toEqual([
    [
      [0, ['10.0.0.2'], false],
      [1, [address], true],
    ],
    true,
  ])
  expect(prioritiesOf(edge, { ...hpc, health: 'returning' })).toEqual([[[1, [address, '10.0.0.2'], true]], true])
})
