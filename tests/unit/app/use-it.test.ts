import { describe, expect, test } from 'vitest'
import { type GuardWords, shownProof } from '../../../app/_lib/callers.ts'
import { anyCallCommand, callCommand, putCommand } from '../../../app/_lib/commands.ts'
import { sharesOf } from '../../../app/_lib/shares.ts'
import { bucket, cluster, route } from './fixtures.ts'

describe('lines to copy', () => {
  const store = { endpoint: 'http://10.0.0.1:9000', publicEndpoint: null, region: null }
  const ingress = { url: 'http://127.0.0.1:10000', header: 'X-FaDO-Bucket' }
  test('an object is put where clients reach the store, signed for its region', () => {
    expect(putCommand(store, 'photos')).toBe(
      'curl --aws-sigv4 aws:amz:us-east-1:s3 --user "$ACCESS_KEY:$SECRET_KEY" -T hello.txt "http://10.0.0.1:9000/photos/hello.txt"',
    )
    const abroad = putCommand({ ...store, publicEndpoint: 'https://s3.example', region: 'eu-west-1' }, 'photos')
    expect(abroad).toContain('aws:amz:eu-west-1:s3')
    expect(abroad).toContain('"https://s3.example/photos/hello.txt"')
  })
  test('a function is called at the ingress with the fleet\u2019s own header', () => {
    expect(callCommand(ingress, 'photos')).toBe(
      'curl -i -H "X-FaDO-Bucket: photos" "http://127.0.0.1:10000/function/$NAME"',
    )
    expect(anyCallCommand({ ...ingress, header: 'X-B' })).toBe(
      'curl -i -H "X-B: $BUCKET" "http://127.0.0.1:10000/function/$NAME"',
    )
  })
  test('a call of a guarded bucket shows a proof of somebody who may call: a key or a token before a certificate', () => {
    const callers = [
      { name: 'ward', kind: 'CERTIFICATE' },
      { name: 'nightly', kind: 'KEY' },
      { name: 'nurses', kind: 'JWT' },
    ] as const
    const guard = (...names: string[]) => ({ names, callers, speaksTls: true })
    const line = (one: GuardWords) => callCommand(ingress, 'photos', shownProof(one).kind)
    expect(line(guard('ward', 'nightly'))).toBe(
      'curl -i -H "Authorization: Bearer $KEY" -H "X-FaDO-Bucket: photos" "http://127.0.0.1:10000/function/$NAME"',
    )
    expect(shownProof(guard('ward', 'nightly')).words).toBe(
      'Only ward and nightly may call. $KEY stands for the key of nightly.',
    )
    expect(shownProof(guard('nurses')).words).toBe('Only nurses may call. $KEY stands for a token of nurses.')
    expect(line(guard('ward'))).toBe(
      'curl -i --cert "$CERTIFICATE" --key "$KEY" -H "X-FaDO-Bucket: photos" "$INGRESS_TLS/function/$NAME"',
    )
    const plain = { ...guard('ward'), speaksTls: false }
    expect(line(plain)).toBe(callCommand(ingress, 'photos'))
    expect(shownProof(plain).words).toContain('Nobody can prove it here')
    expect(shownProof({ ...guard(), names: null })).toEqual({ kind: undefined, words: '' })
  })
  test('where a call gets 401 and nobody is known who may call, something stands for the proof that it lacks', () => {
    const guard = (names: readonly string[] | null) => ({ names, callers: [], speaksTls: false })
    const stands = '$KEY stands for the key, or a token, of a caller that its policy names.'
    expect(shownProof(guard([]))).toEqual({
      kind: 'KEY',
      words: `Nobody may call: the policy callers names no caller that there is. ${stands}`,
    })
    expect(shownProof(guard(null), true)).toEqual({ kind: 'KEY', words: stands })
    expect(shownProof(guard(['ward']), true).kind, 'a certificate that cannot be shown').toBeUndefined()
  })
  test('what a shell would read is quoted', () => {
    expect(callCommand({ ...ingress, url: 'http://h/`id`' }, 'photos')).toContain('"http://h/\\`id\\`/function/$NAME"')
  })
})

describe('shares of a bucket\u2019s calls', () => {
  const shares = (...edge: readonly ('HEALTHY' | 'DEGRADED' | 'UNHEALTHY' | 'UNKNOWN')[]) => {
    const one = cluster('edge')
    const functions = one.faasDeployments.flatMap((faas) =>
      edge.map((status, index) => ({ ...faas, id: `faas-${index}`, weight: 2, health: { ...faas.health, status } })),
    )
    return sharesOf(bucket({ route: route(['edge', 'hpc']) }), [{ ...one, faasDeployments: functions }]).map(
      ({ cluster: { name }, isMaster, weight }) => [name, isMaster, weight],
    )
  }
  test('count the deployments that answer, and those that nobody has asked yet', () => {
    expect(shares('HEALTHY', 'UNHEALTHY', 'UNKNOWN')).toEqual([
      ['edge', false, 4],
      ['hpc', true, 1],
    ])
  })
  test('are all of the first that answers, where they are asked in order', () => {
    const inOrder = (...names: string[]) =>
      sharesOf(bucket({ route: { ...route(names), lbPolicy: 'FIRST' } }), [
        { ...cluster('edge'), faasDeployments: [] },
      ]).map(({ weight, waits }) => [weight, waits])
    expect(inOrder('hpc', 'cloud')).toEqual([
      [1, false],
      [1, true],
    ])
    expect(inOrder('edge', 'hpc', 'cloud')).toEqual([
      [0, false],
      [1, false],
      [1, true],
    ])
  })
  test('leave out what is coming back, unless nobody else answers', () => {
    expect(shares('HEALTHY', 'DEGRADED')[0]).toEqual(['edge', false, 2])
    expect(shares('DEGRADED', 'UNHEALTHY')[0]).toEqual(['edge', false, 2])
  })
  test('are none where no functions answer', () => {
    expect(shares('UNHEALTHY', 'UNHEALTHY')[0]).toEqual(['edge', false, 0])
  })
})
