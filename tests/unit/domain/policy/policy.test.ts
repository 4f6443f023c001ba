import { describe, expect, test } from 'vitest'
import {
  bucketPolicies,
  effectivePolicy,
  policyDefinitions,
  policyNames,
} from '../../../../server/domain/policy/policy.ts'

describe('policy values', () => {
  test.each(policyNames)('the default of %s is a value it takes', (name) => {
    const definition = policyDefinitions[name]
    expect(definition.parse(definition.default)).toEqual({ ok: true, value: definition.default })
  })

  test.each([
    ['lb_policy', 'fastest'],
    ['lb_policy', 1],
    ['lb_match_header', 'not a header'],
    ['lb_match_header', 'Host'],
    ['lb_match_header', 'Origin'],
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
    const parsed = policyDefinitions[name].parse(value)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.reason).toMatch(/must|holds/)
  })

  test('least_conn is read back as least_request', () => {
    expect(policyDefinitions.lb_policy.parse('least_conn')).toEqual({ ok: true, value: 'least_request' })
  })
  test('origins are kept as browsers send them', () => {
    const given = ['HTTPS://App.example', 'http://localhost:3000', 'http://[::1]:3000', 'https://app.example', '*']
    expect(policyDefinitions.cors_origins.parse(given)).toEqual({
      ok: true,
      value: ['https://app.example', 'http://localhost:3000', 'http://[::1]:3000', '*'],
    })
  })
  test('a zone named twice counts once', () => {
    expect(policyDefinitions.zones.parse(['a', 'b', 'a'])).toEqual({ ok: true, value: ['a', 'b'] })
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
