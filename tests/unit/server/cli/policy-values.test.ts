import { expect, test } from 'vitest'
import { parseAssignment, policyHelp, valueText } from '../../../../server/cli/policy-values.ts'
import { policyNames } from '../../../../server/domain/policy/definitions.ts'

test.for([
  ['zones=germany,eu', 'zones', ['germany', 'eu']],
  ['zones=germany', 'zones', ['germany']],
  ['zones=all', 'zones', []],
  ['zones=[]', 'zones', []],
  ['zones=2024', 'zones', ['2024']],
  ['zones=["a","b"]', 'zones', ['a', 'b']],
  ['replica_locations=null', 'replica_locations', null],
  ['replica_locations=any', 'replica_locations', 'any'],
  ['bandwidth_limit=unlimited', 'bandwidth_limit', 'unlimited'],
  ['bandwidth_limit=1000000', 'bandwidth_limit', 1_000_000],
  ['bandwidth_limit=10MB', 'bandwidth_limit', 10_000_000],
  ['bandwidth_outside_window=500 kB/s', 'bandwidth_outside_window', 500_000],
  ['target_replica_count=2MB', 'target_replica_count', '2MB'],
  ['cors_origins=none', 'cors_origins', []],
  ['invocation_timeout=unlimited', 'invocation_timeout', 0],
  ['replica_locations= edge , cloud ', 'replica_locations', ['edge', 'cloud']],
  [
    'cors_origins=https://app.example,http://localhost:3000',
    'cors_origins',
    ['https://app.example', 'http://localhost:3000'],
  ],
  ['target_replica_count=2', 'target_replica_count', 2],
  ['lb_policy=least_request', 'lb_policy', 'least_request'],
  ['lb_policy="random"', 'lb_policy', 'random'],
  ['delete_brake={"objects":5,"percent":1}', 'delete_brake', { objects: 5, percent: 1 }],
  ['unknown=a=b', 'unknown', 'a=b'],
] as const)('%s is understood', ([text, name, value]) => {
  expect(parseAssignment(text)).toEqual({ name, value })
})

test.for(['zones', '=x', ''])('"%s" is refused with an example', (text) => {
  expect(() => parseAssignment(text)).toThrow('is not NAME=VALUE, for example zones=germany,eu')
})

test.for([
  ['zones=', 'zones= is empty: name at least one, or type zones=all'],
  ['zones=  ', 'zones= is empty'],
  ['zones=germany,', 'holds an empty name: "germany,"'],
  ['replica_locations=', 'replica_locations= is empty: name at least one, or type replica_locations=any'],
  ['cors_origins=', 'cors_origins= is empty: name at least one, or type cors_origins=none'],
  ['target_replica_count=', 'target_replica_count= has no value'],
])('%s, as of a variable that is not set, is refused', ([text, message]) => {
  expect(() => parseAssignment(text ?? '')).toThrow(message)
})

test('a value that has a word is told by it', () => {
  expect(valueText('zones', [])).toBe('all')
  expect(valueText('zones', ['germany'])).toBe('germany')
  expect(valueText('zones', ['germany', 'eu'])).toBe('germany,eu')
  expect(valueText('lb_policy', 'round_robin')).toBe('round_robin')
  expect(valueText('max_staleness', 30)).toBe('30 s')
  expect(valueText('bandwidth_limit', 10_000_000)).toBe('10 MB/s')
  expect(valueText('bandwidth_outside_window', 1_234_567)).toBe('1234567 B/s')
  expect(valueText('target_replica_count', 2)).toBe('2')
  expect(valueText('delete_brake', { objects: 5 })).toBe('{"objects":5}')
  expect(valueText('replica_locations', [])).toBe('[]')
  expect(valueText('replica_locations', null)).toBe('any')
  expect(valueText('unknown', [])).toBe('[]')
})

test('durations are typed and said in units that people read', () => {
  expect(parseAssignment('full_compare=7d')).toEqual({ name: 'full_compare', value: 604_800 })
  expect(parseAssignment('invocation_timeout=1h 30min')).toEqual({ name: 'invocation_timeout', value: 5_400 })
  expect(parseAssignment('full_compare=60')).toEqual({ name: 'full_compare', value: 60 })
  expect(parseAssignment('target_replica_count=2d')).toEqual({ name: 'target_replica_count', value: '2d' })
  expect(valueText('full_compare', 604_800)).toBe('7 days')
  expect(valueText('full_compare', 0)).toBe('never')
  expect(valueText('drain_delay', 0)).toBe('0')
})

test('the help has each policy apart from its values, however long its name', () => {
  for (const name of policyNames) expect(policyHelp()).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'))
})
