import { expect, test } from 'vitest'
import { parseAssignment } from '../../../../server/cli/policy-values.ts'

test.for([
  ['zones=germany,eu', 'zones', ['germany', 'eu']],
  ['zones=germany', 'zones', ['germany']],
  ['zones=', 'zones', []],
  ['zones=2024', 'zones', ['2024']],
  ['zones=["a","b"]', 'zones', ['a', 'b']],
  ['replica_locations=null', 'replica_locations', null],
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
