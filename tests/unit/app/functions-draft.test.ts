import { describe, expect, test } from 'vitest'
import { checkFunctions } from '../../../app/_lib/check-functions.ts'
import {
  emptyFunctions,
  type FunctionsDraft,
  functionsChanges,
  functionsDraftOf,
  functionsInput,
  ofPlatform,
  type Platform,
} from '../../../app/_lib/functions-draft.ts'
import { callSentence, functionsSentences, mayTakeGrpc, usualTemplate } from '../../../app/_lib/functions-words.ts'
import { plain } from '../../../app/_lib/parts.ts'
import type { FunctionsPartsFragment } from '../../../graphql/generated/operations.ts'
import { type FaasKind, platforms } from '../../../server/domain/fleet/platform.ts'
import { cluster } from './fixtures.ts'

const platform = (kind: FaasKind): Platform => ({
  kind,
  title: platforms[kind].title,
  description: platforms[kind].description,
  exampleUrl: platforms[kind].example,
  payloads: ['HTTP'],
  authKinds: [],
  usualAuth: kind === 'AZURE_FUNCTIONS' ? 'KEY' : null,
  keyHeader: platforms[kind].keyHeader,
})
const azure: Partial<FunctionsDraft> = { ...ofPlatform(platform('AZURE_FUNCTIONS')), url: 'https://app.example ' }
const draft = (change: Partial<FunctionsDraft> = {}) => ({ ...emptyFunctions, ...change })
const faults = (change: Partial<FunctionsDraft>, before?: FunctionsPartsFragment) =>
  checkFunctions(draft(change), { taken: ['http://taken'], ...(before ? { before } : {}) }).map(([field]) => field)

const aws = { auth: 'AWS_SIGV4', accessKey: 'AKIA', region: 'eu-central-1' } as const
const there = (change: Partial<FunctionsPartsFragment> = {}): FunctionsPartsFragment => ({
  ...(cluster('hpc').faasDeployments[0] ?? expect.fail()),
  kind: 'AWS_LAMBDA',
  url: 'https://lambda.example',
  auth: { kind: 'AWS_SIGV4', as: 'AKIA', region: 'eu-central-1', service: 'lambda' },
  tls: { ca: 'the ca\n', clientCertificate: 'the certificate\n', skipVerify: false },
  ...change,
})
const changed = (change: Partial<FunctionsDraft>, one = there()) =>
  functionsChanges(one, { ...functionsDraftOf(one), ...change })

describe('a deployment that is added', () => {
  test('is sent with what was said of it, and no more', () => {
    expect(functionsInput('hpc', draft({ url: ' http://f ' }))).toEqual({
      cluster: 'hpc',
      kind: 'OPENFAAS',
      url: 'http://f',
      weight: 1,
    })
    expect(functionsInput('hpc', draft({ ...azure, secret: 'key', functions: ['f'], skipVerify: true }))).toEqual({
      cluster: 'hpc',
      kind: 'AZURE_FUNCTIONS',
      url: 'https://app.example',
      weight: 1,
      functions: ['f'],
      auth: { key: { header: 'x-functions-key', value: 'key' } },
      tls: { skipVerify: true },
    })
    expect(functionsInput('hpc', draft({ ...aws, secretKey: 's' }))).toMatchObject({
      auth: { awsSigV4: { accessKey: 'AKIA', secretKey: 's', region: 'eu-central-1', service: 'lambda' } },
    })
    expect(functionsInput('hpc', draft({ url: 'http://f', ca: 'pem' }))).not.toHaveProperty('tls')
  })
  test('needs each secret of its proof, and the key of its certificate', () => {
    expect(faults({ url: 'http://f' })).toEqual([])
    expect(faults({ url: 'http://taken/' })).toEqual(['url'])
    expect(faults({ url: 'http://f', pathTemplate: '/{nam}' })).toEqual(['pathTemplate'])
    expect(faults({ ...azure, header: '' })).toEqual(['auth.key.header', 'auth.key.value'])
    expect(faults({ url: 'https://f', auth: 'BEARER' })).toEqual(['auth.bearer'])
    expect(faults({ url: 'https://f', auth: 'GOOGLE_SERVICE_ACCOUNT' })).toEqual(['auth.googleServiceAccount'])
    expect(faults({ url: 'https://f', ...aws, region: '' })).toEqual([
      'auth.awsSigV4.secretKey',
      'auth.awsSigV4.region',
    ])
    expect(faults({ url: 'https://f', clientCertificate: 'pem' })).toEqual(['tls.clientKey'])
    expect(faults({ url: 'https://f', clientKey: 'pem' })).toEqual(['tls.clientKey'])
    expect(faults({ url: 'http://f', clientKey: 'pem' })).toEqual([])
  })
})

describe('a deployment that is changed', () => {
  test('shows no secret, and what was not changed is not sent', () => {
    expect(changed({})).toEqual({})
    expect(functionsDraftOf(there())).toMatchObject({ accessKey: 'AKIA', secretKey: '', clientKey: '', secret: '' })
  })
  test('is sent what was changed; what was emptied is taken away', () => {
    expect(changed({ region: 'us-east-1' })).toEqual({
      auth: { awsSigV4: { accessKey: 'AKIA', secretKey: '', region: 'us-east-1', service: 'lambda' } },
    })
    expect(changed({ auth: null, secretKey: 'typed' })).toEqual({ auth: null })
    expect(changed({ ca: ' ', clientKey: 'new' })).toEqual({ tls: { ca: null, clientKey: 'new', skipVerify: false } })
    expect(changed({ url: 'http://lambda.example' })).toEqual({ url: 'http://lambda.example', tls: null })
    const named = there({ functions: ['a', 'b'], pathTemplate: '/x', payload: 'RAW' })
    expect(changed({ functions: ['b', 'a'] }, named)).toEqual({})
    expect(changed({ functions: [], pathTemplate: '', payload: null, weight: '2' }, named)).toEqual({
      functions: null,
      pathTemplate: null,
      payload: null,
      weight: 2,
    })
    expect(changed({ takes: 'GRPC' }, named)).toEqual({ takes: 'GRPC' })
  })
  test('keeps secrets that are left empty, where they still belong to what is shown', () => {
    const url = 'https://lambda.example'
    expect(faults({ url, ...aws }, there())).toEqual([])
    expect(faults({ url, ...aws, accessKey: 'AKIB' }, there())).toEqual(['auth.awsSigV4.secretKey'])
    expect(faults({ url, ...aws, sessionToken: 'lent' }, there())).toEqual(['auth.awsSigV4.secretKey'])
    expect(faults({ url, auth: 'BEARER' }, there())).toEqual(['auth.bearer'])
    expect(faults({ url, clientCertificate: 'another' }, there())).toEqual([])
  })
})

describe('in words', () => {
  const said = (kind: FaasKind, change: Partial<FunctionsDraft> = {}) =>
    plain(callSentence(draft({ kind, ...change }), platform(kind)))
  test.each([
    ['OPENFAAS', {}, 'becomes http://10.0.0.5:8080/function/resize/a.png?w=9.'],
    ['AZURE_FUNCTIONS', { url: 'https://app.example/x' }, 'becomes https://app.example/x/api/resize/a.png?w=9.'],
    ['KNATIVE', {}, 'becomes https://resize.default.example.org/a.png?w=9 (asked of default.example.org).'],
    ['AWS_LAMBDA', {}, 'becomes an event with its method, path, query, headers and body, posted to https://lambda'],
    ['AWS_LAMBDA', { payload: 'RAW' }, 'becomes its body, posted to'],
    ['AWS_LAMBDA', { url: 'https://x.lambda-url.eu.on.aws' }, 'becomes https://x.lambda-url.eu.on.aws/a.png?w=9.'],
    ['HTTP', { pathTemplate: '/run/{name}' }, 'becomes http://10.0.0.5:8080/run/resize?w=9.'],
    ['HTTP', { takes: 'BOTH' }, 'becomes http://10.0.0.5:8080/a.png?w=9.'],
    ['HTTP', { pathTemplate: '/{nam', url: 'no url' }, 'becomes http://10.0.0.5:8080/function/resize/a.png?w=9.'],
  ] as const)('what a call becomes on %s %j', (kind, change, words) => {
    expect(said(kind, change)).toContain(`A call of /function/resize/a.png?w=9 ${words}`)
  })
  test('what a call of gRPC becomes', () => {
    expect(said('HTTP', { takes: 'GRPC' })).toBe(
      'A call of /function/greeter/hello.Greeter/SayHello becomes http://10.0.0.5:8080/hello.Greeter/SayHello.',
    )
    const offers = (kind: FaasKind) => mayTakeGrpc(draft({ kind }), platform(kind))
    expect(['HTTP', 'KNATIVE', 'OPENFAAS', 'AWS_LAMBDA'].map((kind) => offers(kind as FaasKind))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
  test('the template that holds follows the url', () => {
    const of = (url: string) => usualTemplate(draft({ kind: 'AWS_LAMBDA', url }), platform('AWS_LAMBDA'))
    expect(of('')).toContain('/invocations')
    expect(of('https://x.lambda-url.eu.on.aws')).toBe('{rest}')
  })
  test('how one that is registered is called', () => {
    expect(plain(functionsSentences(cluster('hpc').faasDeployments[0] ?? expect.fail()))).toBe(
      'Calls go to /function/{name}{rest}. It may have any function.',
    )
    const many = there({ functions: Array.from({ length: 9 }, (_, i) => `f${i}`) })
    expect(plain(functionsSentences(many))).toContain('It has f0, f1, f2, f3, f4, f5, f6 and 2 more.')
    const listing = there({ functions: ['a'], listsFunctions: true })
    expect(plain(functionsSentences(listing))).toContain('It lists a.')
    expect(functionsDraftOf(listing).functions).toEqual([])
    const lambda = there({ usedPathTemplate: '/x/{name}', usedPayload: 'EVENT', functions: ['a', 'b'] })
    expect(plain(functionsSentences(lambda))).toBe(
      'Calls go to /x/{name}, an event of the call. It has a and b. Signed as AKIA for lambda in eu-central-1. ' +
        'Its certificate is checked by authorities of its own. FaDO shows it a certificate.',
    )
  })
})
