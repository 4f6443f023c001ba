// Envoy's access log as it comes: protobuf, then lines, then calls.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHosts } from '../../../proxy/call-log/hosts.ts'
import { attributeOf, eachBody } from '../../../proxy/call-log/log-records.ts'
import { readLine } from '../../../proxy/call-log/read-line.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'

function varint(n: number): Buffer {
  const bytes: number[] = []
  for (let rest = n; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
    if (rest < 128) return Buffer.from(bytes)
  }
}
const field = (number: number, body: Buffer) => Buffer.concat([varint(number * 8 + 2), varint(body.length), body])
const fixed64 = Buffer.concat([Buffer.from([1 * 8 + 1]), Buffer.alloc(8, 1)])
const record = (body: string) =>
  field(
    2,
    Buffer.concat([fixed64, field(5, field(1, Buffer.from(body, 'latin1'))), field(6, Buffer.from('attribute'))]),
  )
const message = (bodies: readonly string[]) =>
  field(1, Buffer.concat([field(1, Buffer.from('resource')), field(2, Buffer.concat(bodies.map(record)))]))

const bodies = (bytes: Buffer) => {
  const found: string[] = []
  eachBody(bytes, (from, to) => found.push(bytes.toString('latin1', from, to)))
  return found
}

describe('records', () => {
  test('each body is found, whatever stands beside it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii', maxLength: 400 })), (all) => {
        expect(bodies(message(all))).toEqual(all)
      }),
    )
  })

  test('who tells says its name, among others', () => {
    const label = (key: string, value: string) =>
      field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, field(1, Buffer.from(value)))]))
    const resource = Buffer.concat([label('log_name', 'calls'), label('node_name', 'edge-1'), label('zone_name', '')])
    const told = field(1, Buffer.concat([field(1, resource), field(2, record('line'))]))
    expect(attributeOf(told, 'node_name')).toBe('edge-1')
    expect(attributeOf(told, 'other')).toBeUndefined()
    expect(attributeOf(field(1, field(2, record('line'))), 'node_name')).toBeUndefined()
    expect(bodies(told)).toEqual(['line'])
  })

  test('what is cut off or no protobuf is refused, and nothing else happens', () => {
    const whole = message(['one', 'two'])
    for (let length = 1; length < whole.length; length++)
      expect(() => bodies(whole.subarray(0, length))).toThrow(RangeError)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          bodies(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})

const table: RouteTable = { clusters: ['hpc'], lbPolicy: 'round_robin', timeoutMs: 0 }
const known = {
  tableOf: (bucket: string) =>
    bucket === 'photos' ? table : bucket === 'timed' ? { ...table, timeoutMs: 1_000 } : undefined,
  deploymentAt: (host: string) => `at ${host}`,
}
const read = (...fields: string[]) => readLine(fields.join('\n'), known)
/** Of a call that stands for itself. */
const line = (...fields: string[]) => read('1', ...fields)

describe('lines', () => {
  test('a call says its bucket, deployment, function, time, tries and end', () => {
    expect(
      line('10.0.0.1:80', '200', '-', 'via_upstream', '3', '12', 'photos', '-', '-', '/function/resize/x'),
    ).toEqual({
      weight: 1,
      ...{ bucket: 'photos', deployment: 'at 10.0.0.1:80', function: 'resize', status: 200, ms: 12 },
      ...{ whose: null, retries: 2 },
    })
    const noted = line('10.0.0.1:80', '500', '-', 'via_upstream', '1', '1', 'photos', 'resize', '-', '/api/resize')
    expect(noted).toMatchObject({ function: 'resize', whose: 'function' })
    const refused = line('10.0.0.1:80', '502', '-', 'via_upstream', '1', '1', 'photos', 'resize', 'key', '/api/resize')
    expect(refused).toMatchObject({ function: 'resize', whose: 'key' })
  })

  test('a call that ended sooner than its bucket lets calls last ended by its own deadline', () => {
    const late = (bucket: string, ms: string) =>
      line('host', '200', '-', 'max_duration_timeout', '1', ms, bucket, '-', '-', '/function/f')
    expect(late('timed', '300')).toMatchObject({ whose: 'gone' })
    expect(late('timed', '999')).toMatchObject({ whose: 'platform' })
    expect(late('timed', '1000')).toMatchObject({ whose: 'platform' })
    expect(late('photos', '60000'), 'calls last as long as they like').toMatchObject({ whose: 'gone' })
  })

  test('a bucket that is not there is none, and a path that calls no function names none', () => {
    expect(line('-', '404', 'NR', 'route_not_found', '-', '0', 'other', '-', '-', '/x/../function/f')).toMatchObject({
      ...{ bucket: null, deployment: null, function: null, retries: 0, whose: 'caller' },
    })
  })

  test('a call of a sample says for how many it stands; one that failed is told by another line', () => {
    const end = ['via_upstream', '1', '1', 'photos', '-', '-', '/function/f']
    expect(read('16', 'host', '200', '-', ...end)).toMatchObject({ weight: 16 })
    expect(read('16', 'host', '404', '-', ...end)).toMatchObject({ weight: 16 })
    expect(read('1', 'host', '500', '-', ...end)).toMatchObject({ weight: 1 })
    expect(read('16', 'host', '500', '-', ...end)).toBeUndefined()
    expect(read('16', 'host', '200', 'DC', ...end)).toBeUndefined()
    // Who tells could say any number.
    for (const weight of ['0', '2', '17', '9999999999', '-1', '1e9', ''])
      expect(read(weight, 'host', '200', '-', ...end), weight).toBeUndefined()
  })

  test('anything else is no line', () => {
    expect(line('')).toBeUndefined()
    expect(line('-', '200', '-', 'd', '1', '1', 'photos', '-', '-', '/function/f', 'more')).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => void readLine(text, known)))
  })
})

describe('hosts', () => {
  const endpoint = (id: string, more: Partial<FaasEndpoint> = {}): FaasEndpoint => ({
    ...{
      id,
      cluster: 'hpc',
      kind: 'HTTP',
      url: 'http://10.0.0.1:80',
      addresses: ['10.0.0.1'],
      weight: 1,
      health: 'healthy',
    },
    ...more,
  })

  test('a deployment is known by its address, by IPv6 too, and by its own name where it shares one', () => {
    const six = endpoint('c', { url: 'https://f.example', addresses: ['fd00::1', 'fd00::2'] })
    const all = [endpoint('a'), endpoint('b'), six]
    const { deploymentAt } = createHosts(() => all)
    expect(['10.0.0.1:80', 'envoy://fado_shared_address/b 10.0.0.1:80', '[fd00::2]:443'].map(deploymentAt)).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(deploymentAt('10.0.0.9:80')).toBe('forgotten')
  })

  test('one that went or moved is known for its last calls', () => {
    let all = [endpoint('a')]
    const { deploymentAt } = createHosts(() => all)
    expect(deploymentAt('10.0.0.1:80')).toBe('a')
    all = [endpoint('a', { addresses: ['10.0.0.2'] })]
    expect(['10.0.0.1:80', '10.0.0.2:80'].map(deploymentAt)).toEqual(['a', 'a'])
    all = []
    expect(deploymentAt('10.0.0.2:80')).toBe('a')
  })
  test('however often deployments move, only so many names are kept', () => {
    let all: FaasEndpoint[] = []
    const { deploymentAt } = createHosts(() => all)
    const address = (n: number) => `10.0.${n >> 8}.${n & 255}`
    for (let n = 0; n < 1_500; n++) {
      all = [endpoint('a', { addresses: [address(n)] })]
      expect(deploymentAt(`${address(n)}:80`)).toBe('a')
    }
    expect([0, 1_498, 1_499].map((n) => deploymentAt(`${address(n)}:80`))).toEqual(['forgotten', 'a', 'a'])
  })
})
