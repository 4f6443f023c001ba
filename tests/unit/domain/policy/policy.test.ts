import { describe, expect, test } from 'vitest'
import { parsePolicyValue, policyDefinitions, policyNames } from '../../../../server/domain/policy/definitions.ts'
import { bucketPolicies, effectivePolicy } from '../../../../server/domain/policy/effective.ts'
import { typeWords } from '../../../../server/domain/policy/value-kind.ts'

describe('policy values', () => {
  test.each(policyNames)('what has a word in %s is a value it takes', (name) => {
    const { word } = policyDefinitions[name]
    if (word === null) return
    for (const value of [word.value, word.word])
      expect(parsePolicyValue(name, value)).toEqual({ ok: true, value: word.value })
  })
  test('a refused number tells of the word, too', () => {
    expect(parsePolicyValue('full_compare', '7d')).toEqual({
      ok: false,
      reason: 'must be a number of seconds from 0 to 31536000, or never',
    })
  })
  test.each([
    ['lb_policy', 'one of round_robin, least_request, random, first, ip_hash, uri_hash'],
    ['zones', 'list of zones, or all'],
    ['replica_locations', 'list of storage deployments, or any'],
    ['target_replica_count', 'whole number from 0 to 100'],
    ['invocation_timeout', 'seconds from 0 to 86400 (1 day), or unlimited'],
    ['delete_brake', '{ "objects": 0 to 1000000000000, "percent": 0 to 100 }'],
    ['lb_match_header', 'name of a header'],
  ] as const)('what %s takes is told to people from its definition', (name, words) => {
    const { values, word } = policyDefinitions[name]
    expect(typeWords(values.kind, word)).toBe(words)
  })

  test.each(policyNames)('the default of %s is a value it takes', (name) => {
    const definition = policyDefinitions[name]
    expect(parsePolicyValue(name, definition.default)).toEqual({ ok: true, value: definition.default })
  })

  test.each([
    ['lb_policy', 'fastest'],
    ['lb_policy', 1],
    ['lb_match_header', 'not a header'],
    ['lb_match_header', 'Host'],
    ['lb_match_header', 'Origin'],
    ['lb_match_header', 'grpc-timeout'],
    ['lb_match_header', 'X-FaDO-Decision'],
    ['lb_match_header', 'X-FaDO-Cluster'],
    ['lb_match_header', 'X-FaDO-Identity'],
    ['lb_match_header', 'X-FaDO-Payload'],
    ['lb_match_header', 'X-FaDO-Upstream'],
    ['zones', 'germany'],
    ['zones', ['']],
    ['zones', [1]],
    ['target_replica_count', -1],
    ['target_replica_count', 1.5],
    ['target_replica_count', '2'],
    ['target_replica_count', null],
    ['replica_locations', {}],
    ['max_staleness', 0],
    ['max_staleness', Number.NaN],
    ['drain_delay', -1],
    ['delete_brake', 10],
    ['delete_brake', { objects: 1 }],
    ['delete_brake', { objects: 1, percent: 101 }],
    ['delete_brake', { objects: 1, percent: 1, more: 1 }],
    ['invocation_timeout', '5s'],
    ['cors_origins', 'https://app.example'],
    ['cors_origins', ['app.example']],
    ['cors_origins', ['https://app.example/']],
    ['cors_origins', ['https://app.example/path']],
    ['cors_origins', ['https://user@app.example']],
    ['cors_origins', ['https://*.example']],
    ['cors_origins', ['']],
  ] as const)('%s does not take %j, and says what it takes', (name, value) => {
    const parsed = parsePolicyValue(name, value)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.reason).toMatch(/must|holds/)
  })

  test('least_conn is read back as least_request', () => {
    expect(parsePolicyValue('lb_policy', 'least_conn')).toEqual({ ok: true, value: 'least_request' })
  })
  test.each([
    ['HTTPS://App.Example:443', ': browsers name it https://app.example'],
    ['https://app.example/path?x', ': browsers name it https://app.example'],
    ['http://user@app.example:8080/', ': browsers name it http://app.example:8080'],
    ['app.example', ''],
    ['https://*.example', ''],
  ])('%s is refused with what was probably meant', (origin, meant) => {
    const refused = {
      ok: false,
      reason: `holds "${origin}", which is not an origin such as https://app.example${meant}`,
    }
    expect(parsePolicyValue('cors_origins', [origin])).toEqual(refused)
  })

  test('origins are kept as browsers send them', () => {
    const given = ['HTTPS://App.example', 'http://localhost:3000', 'http://[::1]:3000', 'https://app.example', '*']
    expect(parsePolicyValue('cors_origins', given)).toEqual({
      ok: true,
      value: ['https://app.example', 'http://localhost:3000', 'http://[::1]:3000', '*'],
    })
  })
  test('a zone named twice counts once', () => {
    expect(parsePolicyValue('zones', ['a', 'b', 'a'])).toEqual({ ok: true, value: ['a', 'b'] })
  })
})

describe('the value in force', () => {
  test('the bucket wins over the fleet, the fleet over the default, and the source is told', () => {
    const global = { target_replica_count: 1 }
    expect(effectivePolicy('target_replica_count', {})).toMatchObject({ value: 0, source: 'default' })
    expect(effectivePolicy('target_replica_count', { global })).toMatchObject({ value: 1, source: 'global' })
    expect(effectivePolicy('target_replica_count', { global, bucket: { target_replica_count: 2 } })).toMatchObject({
      value: 2,
      source: 'bucket',
    })
  })
  test('null that a user set for replica_locations wins over a list of wider scope', () => {
    const set = { global: { replica_locations: ['edge'] }, bucket: { replica_locations: null } }
    expect(bucketPolicies(set).replica_locations).toBe(null)
  })
  test('a value that stands in a scope it does not have is not in force', () => {
    expect(effectivePolicy('lb_match_header', { bucket: { lb_match_header: 'X-Mine' } }).source).toBe('default')
  })
})
