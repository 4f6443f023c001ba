import { execute } from 'graphql'
import { describe, expect, test } from 'vitest'
import { filterOf, listHref, parseListQuery } from '../../../app/_lib/bucket-filter.ts'
import { checkDraft } from '../../../app/_lib/check-draft.ts'
import { actionWords, emptyDraft, standing, stepsOf, storeInput } from '../../../app/_lib/cluster-draft.ts'
import { emptyFunctions } from '../../../app/_lib/functions-draft.ts'
import { masterChoice } from '../../../app/_lib/master-choice.ts'
import { withNames } from '../../../app/_lib/names.ts'
import { countsReplicas, policyText, roomWords } from '../../../app/_lib/policy-values.ts'
import { fieldErrors, refusalOf } from '../../../app/_lib/refusals.ts'
import { PolicyDefinitionsDocument, type PolicyDefinitionsQuery } from '../../../graphql/generated/operations.ts'
import { schema } from '../../../graphql/schema/index.ts'
import { describePolicies } from '../../../server/services/policies/read-policies.ts'
import { cluster } from './fixtures.ts'

describe('refusals', () => {
  const refusal = (...path: string[]) => ({ code: 'VALIDATION_FAILED', message: 'no', path })
  test('stand at their field, with or without the leading input', () => {
    expect(fieldErrors([refusal('endpoint')], ['name', 'endpoint']).at('endpoint')).toBe('no')
    expect(fieldErrors([refusal('input', 'endpoint')], ['name', 'endpoint']).at('endpoint')).toBe('no')
  })
  test('of something inside a field stand at the field', () => {
    const errors = fieldErrors([refusal('policies', '1', 'value')], ['policies.0', 'policies.1'])
    expect([errors.at('policies.0'), errors.at('policies.1'), errors.rest]).toEqual([undefined, 'no', undefined])
  })
  test('of what the form does not show are never lost', () => {
    expect(fieldErrors([refusal('planHash')], ['name']).rest).toBe('no')
    expect(fieldErrors([refusal()], ['name']).rest).toBe('no')
    expect(fieldErrors([refusal('named')], ['name']).rest).toBe('no')
  })
  test('begin with the words of the label, not with the API\u2019s name of the field', () => {
    const said = { ...refusal('input', 'accessKey'), message: 'accessKey must be 1 to 1024 characters' }
    expect(fieldErrors([said], ['accessKey']).at('accessKey')).toBe('Access key must be 1 to 1024 characters')
    const url = { ...refusal('url'), message: 'url must have no query' }
    expect(fieldErrors([url], ['url']).at('url')).toBe('URL must have no query')
  })
  test('are told from payloads by their fields, whatever their type', () => {
    expect(refusalOf({ __typename: 'ClusterCreatePayload', cluster: {} })).toBeNull()
    expect(refusalOf({ __typename: 'LaterError', message: 'm', code: 'IN_USE', path: ['a'] })).toEqual({
      code: 'IN_USE',
      message: 'm',
      path: ['a'],
    })
  })
})

describe('a cluster with its store and functions', () => {
  const named = { ...emptyDraft, name: 'hpc' }
  const whole = {
    ...named,
    endpoint: 'http://s',
    accessKey: 'k',
    secretKey: 's',
    functions: { ...emptyFunctions, url: 'http://f' },
  }
  test('the button says what will be done, and only that', () => {
    expect(actionWords(stepsOf(named), [])).toBe('Add the cluster')
    expect(actionWords(stepsOf(whole), [])).toBe('Add the cluster with its store and functions')
    expect(actionWords(stepsOf(whole), ['cluster'])).toBe('Add its store and functions')
    expect(actionWords(stepsOf(whole), ['cluster', 'store'])).toBe('Add its functions')
  })
  test('a store that is begun is asked for whole, so that what is missing is refused at its field', () => {
    expect(stepsOf({ ...named, endpoint: 'http://s' })).toEqual(['cluster', 'store'])
  })
  test('after a refusal it is said what exists', () => {
    expect(standing('hpc', [], 'cluster')).toBeUndefined()
    expect(standing('hpc', ['cluster'], 'store')).toContain('Cluster hpc exists; its store could not be added.')
    expect(standing('hpc', ['cluster', 'store'], 'functions')).toContain('Cluster hpc and its store exist')
  })
  test('a store without a name has the cluster\u2019s; secrets go as they were typed', () => {
    expect(storeInput({ ...whole, secretKey: ' s ' })).toEqual({
      cluster: 'hpc',
      name: 'hpc',
      endpoint: 'http://s',
      accessKey: 'k',
      secretKey: ' s ',
    })
  })
})

describe('before anything is made', () => {
  const whole = {
    ...emptyDraft,
    name: 'lab',
    zones: ['eu'],
    endpoint: 'http://127.0.0.1:9000/',
    accessKey: 'k',
    secretKey: 's',
    functions: { ...emptyFunctions, url: 'http://127.0.0.1:9100/gateway' },
  }
  const weighing = (weight: string) => ({ ...whole.functions, weight })
  const wrong = (change: Partial<typeof whole>) =>
    checkDraft({ ...whole, ...change }, stepsOf({ ...whole, ...change }), [cluster('hpc')]).map(
      ({ step, refusal }) => `${step} ${refusal.path.join('.')}`,
    )
  test('a draft that the API would take has no fault', () => {
    expect(wrong({})).toEqual([])
  })
  test.each([
    [{ name: '' }, ['cluster name']],
    [{ name: 'two words' }, ['cluster name']],
    [{ zones: ['eu', 'no/zone'] }, ['cluster zones']],
    [{ endpoint: '127.0.0.1:9000' }, ['store endpoint']],
    [{ endpoint: 'http://s/?path' }, ['store endpoint']],
    [{ endpoint: 'http://user:pass@s' }, ['store endpoint']],
    [{ endpoint: 'http://127.0.0.1:2' }, ['store endpoint']], // hpc's
    [{ accessKey: '' }, ['store accessKey']],
    [{ secretKey: '' }, ['store secretKey']],
    [{ store: 'hpc' }, ['store name']],
    [{ region: 'eu west' }, ['store region']],
    [{ publicEndpoint: 'ftp://s' }, ['store publicEndpoint']],
    [{ functions: { ...emptyFunctions, url: 'gateway' } }, ['functions url']],
    [{ functions: { ...emptyFunctions, url: 'http://127.0.0.1:1/' } }, ['functions url']], // hpc's
    [{ functions: weighing('0') }, ['functions weight']],
    [{ functions: weighing('1.5') }, ['functions weight']],
    [{ functions: weighing('129') }, ['functions weight']],
    [{ secretKey: '', functions: weighing('') }, ['store secretKey', 'functions weight']],
  ])('%o is refused at its field', (change, faults) => {
    expect(wrong(change)).toEqual(faults)
  })
})

describe('more copies than there is room for', () => {
  test.each([
    [2, 2, null],
    [3, 2, 'Only 2 other clusters have a store: more than 2 copies will wait for a place.'],
    [2, 1, 'Only 1 other cluster has a store: more than 1 copy will wait for a place.'],
    [1, 0, 'No other clusters have a store: no copy has a place yet.'],
  ])('%d copies, %d other stores', (count, others, words) => {
    expect(roomWords(count, others)).toBe(words)
  })
})

describe('the filter of the bucket list', () => {
  const parse = (text: string) => parseListQuery(new URLSearchParams(text))
  test('lives in the address and comes back from it', () => {
    const query = { ...parse(''), name: 'cam', facet: 'degraded' as const, cluster: 'hpc' }
    expect(parse(listHref(query, {}).split('?')[1] ?? '')).toEqual(query)
    expect(filterOf(query)).toEqual({ nameContains: 'cam', placement: 'DEGRADED', cluster: 'hpc' })
  })
  test('another filter begins at the first page', () => {
    const third = parse('q=cam&after=abc&page=3')
    expect(third).toMatchObject({ after: 'abc', page: 3 })
    expect(listHref(third, { name: 'x' })).toBe('/buckets?q=x')
  })
  test('nonsense in the address is the plain list', () => {
    expect(parse('state=nonsense&page=-2')).toEqual(parse(''))
    expect(listHref(parse(''), {})).toBe('/buckets')
  })
})

describe('the store of a new bucket', () => {
  const clusters = [cluster('acme'), cluster('hpc', { zones: ['germany'] })]
  const choose = (zones: readonly string[] | undefined, chosen?: string) => masterChoice(clusters, zones, chosen)
  test('is by itself one that the zones allow', () => {
    expect(choose([])).toEqual({ store: 'acme', outside: false })
    expect(choose(['germany'])).toEqual({ store: 'hpc', outside: false })
    expect(choose(['mars'])).toEqual({ store: '', outside: false })
  })
  test('that was chosen stays, and is said to be outside where it is', () => {
    expect(choose(['germany'], 'acme')).toEqual({ store: 'acme', outside: true })
    expect(choose([], 'acme')).toEqual({ store: 'acme', outside: false })
  })
  test('is not guessed before the fleet\u2019s zones are known', () => {
    expect(choose(undefined)).toEqual({ store: '', outside: false })
  })
})

// As the API tells them.
const { data } = await execute({
  schema,
  document: PolicyDefinitionsDocument,
  contextValue: { services: { describePolicies } },
})
const { policies } = data as PolicyDefinitionsQuery

describe('values of policies', () => {
  const definitionOf = (name: string) => policies.find((policy) => policy.name === name)

  test.each([
    ['zones', [], 'all'],
    ['zones', ['germany', 'eu'], 'germany, eu'],
    ['replica_locations', null, 'any'],
    ['replica_locations', [], 'none'],
    ['cors_origins', [], 'none'],
    ['max_staleness', 0.5, '0.5 s'],
    ['drain_delay', 0, '0 s'],
    ['full_compare', 604_800, '7 days'],
    ['full_compare', 0, 'never'],
    ['invocation_timeout', 0, 'unlimited'],
    ['delete_brake', { objects: 100, percent: 10 }, '100 objects or 10 %'],
    ['target_replica_count', 2, '2'],
    ['lb_policy', 'round_robin', 'round_robin'],
    ['later', { a: 1 }, '{"a":1}'],
  ])('%s %j reads as %s', (name, value, text) => {
    expect(policyText(definitionOf(name), value).replaceAll('\u00a0', ' ')).toBe(text)
  })
  test('only the number of replicas needs room in the fleet', () => {
    expect(policies.filter(({ values }) => countsReplicas(values)).map(({ name }) => name)).toEqual([
      'target_replica_count',
    ])
  })
})

test.each([
  ['', []],
  ['eu', ['eu']],
  [' germany, eu\nhigh-performance,,eu ', ['germany', 'eu', 'high-performance']],
])('the list %j is taken as names', (text, names) => {
  expect(withNames([], text)).toEqual(names)
  expect(withNames(['eu'], text)).toEqual([...new Set(['eu', ...names])])
})
