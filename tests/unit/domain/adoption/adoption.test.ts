import { describe, expect, test } from 'vitest'
import type { BucketSettings } from '../../../../server/domain/adoption/bucket-settings.ts'
import { etagWarnings } from '../../../../server/domain/adoption/etag-warnings.ts'
import { type GivenCopy, refusedCopy } from '../../../../server/domain/adoption/hold-copies.ts'
import { unsafeCopy } from '../../../../server/domain/adoption/unsafe.ts'
import { unknownSettings, warningsOf } from '../../../../server/domain/adoption/warnings.ts'

const plain: BucketSettings = {
  versioning: { versions: 'none', objectLock: false, defaultRetention: null },
  lifecycle: { rules: 0, expires: false },
  policy: false,
  encryption: null,
  replication: [],
  notifications: { others: 0, fado: false },
  requesterPays: false,
}
const codes = (change: Partial<BucketSettings>) => warningsOf({ ...plain, ...change }).map(({ code }) => code)

describe('what a replica would lack', () => {
  test.each<[Partial<BucketSettings>, string[]]>([
    [{}, []],
    [{ versioning: { versions: 'kept', objectLock: false, defaultRetention: null } }, ['VERSIONS']],
    [
      { versioning: { versions: 'kept', objectLock: true, defaultRetention: { mode: 'GOVERNANCE', days: 2 } } },
      ['VERSIONS', 'OBJECT_LOCK'],
    ],
    [{ lifecycle: { rules: 2, expires: true } }, ['LIFECYCLE']],
    [{ policy: true }, ['BUCKET_POLICY']],
    [{ encryption: 'aws:kms' }, ['ENCRYPTION']],
    [{ replication: ['copy'] }, ['STORE_REPLICATION']],
    [{ notifications: { others: 1, fado: true } }, ['NOTIFICATIONS', 'SUBSCRIBED']],
    [{ requesterPays: true }, ['REQUESTER_PAYS']],
    [{ lifecycle: 'unknown', policy: true }, ['BUCKET_POLICY', 'UNKNOWN_SETTINGS']],
    [unknownSettings, ['UNKNOWN_SETTINGS']],
  ])('%j: %j', (change, expected) => expect(codes(change)).toEqual(expected))
})

test('objects whose ETags do not tell their bytes are named, with what that costs', () => {
  const md5 = '764efa883dda1e11db47671c4a3bbd9e'
  const listed = (...etags: string[]) => etags.map((etag, i) => ({ key: `k${i}`, etag }))
  expect(etagWarnings(listed(md5, `${md5}-12`), true)).toEqual([])
  expect(etagWarnings(listed('', md5), true)).toEqual([
    {
      code: 'NO_ETAG',
      message: 'What has no ETag cannot be copied until it is written again through S3 (1 object: k0)',
      keys: ['k0'],
    },
  ])
  const [bare, opaque] = etagWarnings(listed('', '', '', '', 'v-7'), false)
  expect(bare?.message).toMatch(/\(at least 4 objects: k0, k1, k2 and more\)$/)
  expect(opaque).toEqual({
    code: 'ETAG_NO_DIGEST',
    message: 'What has an ETag that is no digest is read whole to be compared with a copy (at least 1 object: k4)',
    keys: ['k4'],
  })
})

describe('a copy is not kept', () => {
  const side = (store: string, change: Partial<BucketSettings> = {}) => ({
    store,
    bucketName: `photos-${store}`,
    settings: { ...plain, ...change },
  })
  test.each<[string, Partial<BucketSettings>, Partial<BucketSettings>, RegExp | null]>([
    ['unless nothing is against it', {}, {}, null],
    ['where the store of the master writes it too', { replication: ['photos-edge'] }, {}, /two would write that copy/],
    ['(the master may be copied elsewhere)', { replication: ['elsewhere'] }, {}, null],
    ['where it is copied back', {}, { replication: ['photos-hpc'] }, /come back to the master/],
    ['where a rule deletes its objects', {}, { lifecycle: { rules: 1, expires: true } }, /A lifecycle rule deletes/],
    ['(a rule that deletes none is no harm)', {}, { lifecycle: { rules: 1, expires: false } }, null],
    ['where it is a master of a FaDO', {}, { notifications: { others: 0, fado: true } }, /with the Id fado/],
    ['(what is unknown is not held against it)', unknownSettings, unknownSettings, null],
  ])('%s', (_why, master, copy, message) => {
    const unsafe = unsafeCopy(side('hpc', master), side('edge', copy))
    if (message === null) expect(unsafe).toBeNull()
    else expect(unsafe).toMatch(message)
  })
})

describe('placement would not keep a copy', () => {
  const master = { storageId: 'm', cluster: 'hpc' }
  const copy = (cluster: string, change: Partial<GivenCopy['cluster']> = {}): GivenCopy => ({
    storageId: `${cluster}-id`,
    store: `${cluster}-store`,
    cluster: { name: cluster, zones: [cluster], state: 'active', ...change },
  })
  const policies = { zones: [], target_replica_count: 1, replica_locations: null }

  test('which is said of the first, with the rule; zones are another matter than what the request can cure', () => {
    expect(refusedCopy(master, [copy('edge'), copy('cloud')], policies)).toBeNull()
    expect(refusedCopy(master, [copy('edge'), copy('hpc')], policies)).toMatchObject({ copy: 1, unsafe: false })
    expect(refusedCopy(master, [copy('edge')], { ...policies, zones: ['hpc'] })).toEqual({
      copy: 0,
      unsafe: true,
      reason: 'edge lies in edge, allowed is hpc',
    })
    expect(refusedCopy(master, [copy('edge')], { ...policies, replica_locations: ['other'] })).toMatchObject({
      copy: 0,
    })
    expect(refusedCopy(master, [copy('edge', { state: 'draining' })], policies)).toMatchObject({ copy: 0 })
    expect(refusedCopy(master, [copy('edge'), { ...copy('edge'), storageId: 'other' }], policies)).toMatchObject({
      copy: 1,
    })
  })

  test('but one that is cordoned is kept: it has the copy', () => {
    expect(refusedCopy(master, [copy('edge', { state: 'cordoned' })], policies)).toBeNull()
  })
})
