// Why a call goes where it goes, and went there, over the API.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentId } from '../../../server/content-id.ts'
import { createAuthority } from '../../support/certificates.ts'
import { decide } from '../../support/decided.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, type TestBucket } from '../../support/world/fleet.ts'

let web: TestWeb
let photos: TestBucket
beforeAll(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  const hpc = await rows.cluster('hpc', { zones: ['de'], urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'] })
  const edge = await rows.cluster('edge', { zones: ['de'], urls: ['http://10.0.1.1:8080'] })
  await rows.cluster('cloud', { zones: ['us'], urls: ['http://10.0.2.1:8080'] })
  photos = await hpc.store.bucket('photos')
  await photos.replica(edge.store, { wanted: false, observed: 'syncing' })
  await rows.policy(photos.id, 'zones', ['de'])
  await rows.policy(photos.id, 'target_replica_count', 1)
  await decide(web.pool, [photos.id])
})
afterAll(() => web?.stop())

const explanation = `outcome status bucket lbPolicy decision callers reasons { code message }
  candidates { cluster { name zones } url verdict reasons { code message } }`
const call = (path: string, ...headers: [string, string][]) => ({
  method: 'GET',
  path,
  headers: headers.map(([name, value]) => ({ name, value })),
})
async function explain(input: object) {
  const { data, errors } = await web.ask(
    `query ($input: ExplainRequestInput!) { explainRequest(input: $input) { ${explanation} } }`,
    { input },
  )
  return errors?.[0] ?? data.explainRequest
}
const why = (said: { candidates: { url: string; verdict: string; reasons: { code: string }[] }[] }) =>
  Object.fromEntries(
    said.candidates.map(({ url, reasons }) => [url, reasons.map(({ code }) => code).join() || 'calls']),
  )

test('a call is explained from what was decided and what Envoys are told, and nothing is called', async () => {
  const said = await explain(call('/function/resize/a?b', ['X-FaDO-Bucket', 'photos']))
  expect(said).toMatchObject({
    outcome: 'ROUTED',
    status: null,
    bucket: 'photos',
    lbPolicy: 'ROUND_ROBIN',
    decision: expect.stringMatching(/^[\w-]{16};round_robin$/),
    reasons: [{ code: 'NO_PROXY', message: 'No Envoy is connected' }],
  })
  expect(said.candidates.map((one: { cluster: { name: string } }) => one.cluster.name)).toEqual([
    'cloud',
    'edge',
    'hpc',
    'hpc',
  ])
  expect(why(said)).toEqual({
    'http://10.0.2.1:8080': 'ZONE_FORBIDS',
    'http://10.0.1.1:8080': 'NOT_COMPLETE',
    'http://10.0.0.1:8080': 'calls',
    'http://10.0.0.2:8080': 'calls',
  })

  await web.pool.query(`UPDATE faas_deployment SET health = 'unhealthy' WHERE url = 'http://10.0.0.1:8080'`)
  await web.pool.query(`UPDATE faas_deployment SET functions = '{blur}' WHERE url = 'http://10.0.0.2:8080'`)
  const nobody = await explain(call('/function/resize', ['x-fado-bucket', 'photos']))
  expect(nobody).toMatchObject({ outcome: 'REJECTED', status: 503, reasons: [{ code: 'NOBODY_SERVES' }, {}] })
  expect(why(nobody)).toMatchObject({
    'http://10.0.0.1:8080': 'DEPLOYMENT_DOWN',
    'http://10.0.0.2:8080': 'NO_SUCH_FUNCTION',
  })
  await web.pool.query(`UPDATE faas_deployment SET health = 'healthy', functions = '{}'`)
})

test('what Envoy refuses has its status and reason, what is no call is an error, and what is not decided yet is said', async () => {
  const named: [string, string] = ['x-fado-bucket', 'photos']
  expect(await explain(call('/function/f'))).toMatchObject({ status: 400, reasons: [{ code: 'BUCKET_NOT_NAMED' }] })
  expect(await explain(call('/function/f', named, named))).toMatchObject({ status: 400, bucket: 'photos' })
  expect(await explain(call('/function/f', ['x-fado-bucket', 'no']))).toMatchObject({ status: 404, bucket: null })
  expect(await explain(call('/', named))).toMatchObject({ status: 404, candidates: [] })
  for (const bad of [
    call('f', named),
    call('/function/é', named),
    call('/function/f', ['a b', 'x']),
    call('/f', ['a', 'b\n']),
  ])
    expect(await explain(bad)).toMatchObject({ extensions: { code: 'VALIDATION_FAILED' } })

  await photos.dirty({ intent: true })
  const { reasons } = await explain(call('/function/f', named))
  expect(reasons[0]).toEqual({ code: 'UNDECIDED', message: 'A change of this bucket is not decided yet' })
  await web.pool.query('DELETE FROM dirty_bucket')
  await fleet(web.pool).cluster('new', { urls: ['http://10.0.3.1:8080'] })
  expect(why(await explain(call('/function/f', named)))['http://10.0.3.1:8080']).toBe('UNDECIDED')
})

test('a cluster that came into a route which others have served for long is said to start slowly', async () => {
  const rows = fleet(web.pool)
  const [old, late] = [
    await rows.cluster('old', { urls: ['http://10.0.4.1:8080'] }),
    await rows.cluster('late', { urls: ['http://10.0.5.1:8080'] }),
  ]
  const clips = await old.store.bucket('clips')
  const starting = async () => {
    const { reasons } = await explain(call('/function/f', ['x-fado-bucket', 'clips']))
    return reasons.filter(({ code }: { code: string }) => code === 'STARTS_SLOWLY')
  }
  await decide(web.pool, [clips.id])
  await web.pool.query(`UPDATE faas_deployment SET health = 'healthy'`)
  await rows.policy(clips.id, 'replica_locations', ['late'])
  await clips.replica(late.store, { observed: 'complete' })
  await decide(web.pool, [clips.id])
  expect(await starting()).toEqual([])
  await web.pool.query(`UPDATE decision SET from_at = from_at - interval '1 min' WHERE until_at IS NOT NULL`)
  expect(await starting()).toEqual([
    {
      code: 'STARTS_SLOWLY',
      message: expect.stringMatching(/^Lately late came into this route: .* until 20[\d-]+T.*Z/),
    },
  ])
  await rows.policy(null, 'slow_start', 0)
  expect(await starting()).toEqual([])
})

const asked = `query ($id: String!, $bucket: String, $at: DateTime) { explainDecision(id: $id, bucket: $bucket, at: $at) {
  id bucket { name } bucketName lbPolicy from until number policies { name value source } callers bucketVersion policiesVersion
  bucketChanges policyChanges overrideClusters
  candidates { cluster { id name zones state faasDeployments { url } } verdict reasons { code } } } }`

test('an x-fado-decision leads back to what was decided, also when the cluster or the bucket is gone', async () => {
  const { decision } = await explain(call('/function/f', ['x-fado-bucket', 'photos']))
  const explainDecision = async (variables: object) => {
    const { data, errors } = await web.ask(asked, { id: `${decision};try=2`, ...variables })
    return errors?.[0]?.extensions.code ?? data.explainDecision
  }
  const found = await explainDecision({ bucket: 'photos' })
  expect(found).toMatchObject({
    id: decision.split(';')[0],
    bucket: { name: 'photos' },
    lbPolicy: 'ROUND_ROBIN',
    until: null,
    number: 1,
    bucketVersion: 1,
    policiesVersion: 1,
  })
  expect(found).toMatchObject({ callers: null, bucketChanges: 0, policyChanges: 0, overrideClusters: null })
  expect(found.policies).toContainEqual({ name: 'zones', value: ['de'], source: 'BUCKET' })
  expect(found.policies).toContainEqual({ name: 'lb_policy', value: 'round_robin', source: 'DEFAULT' })
  expect(await explainDecision({})).toEqual(found)
  expect(await explainDecision({ id: `x-fado-decision: ${decision}` })).toEqual(found)
  expect(await explainDecision({ id: decision.split(';')[0] })).toEqual(found)
  expect(await explainDecision({ id: 'photos' })).toBe('VALIDATION_FAILED')
  expect(await explainDecision({ bucket: 'other' })).toBe('NOT_FOUND')
  expect(await explainDecision({ id: contentId('none') })).toBe('NOT_FOUND')
  expect(await explainDecision({ at: '2020-01-01T00:00:00Z' })).toBe('NOT_FOUND')

  await web.pool.query(`DELETE FROM faas_deployment WHERE cluster_id IN (SELECT id FROM cluster WHERE name = 'cloud')`)
  await web.pool.query(`DELETE FROM storage_deployment WHERE name = 'cloud'`)
  await web.pool.query(`DELETE FROM cluster WHERE name = 'cloud'`)
  await decide(web.pool, [photos.id])
  const later = await explainDecision({ bucket: 'photos', at: found.from })
  expect(later).toMatchObject({ bucketChanges: expect.any(Number) })
  expect(later.until).not.toBeNull()
  expect(later.candidates[0]).toMatchObject({
    cluster: { name: 'cloud', zones: [], state: 'DELETING', faasDeployments: [] },
    verdict: 'EXCLUDED',
    reasons: [{ code: 'ZONE_FORBIDS' }],
  })
})

test('who calls is given by name: whom a guarded bucket refuses no candidate gets calls of', async () => {
  for (const name of ['nurse', 'porter']) await web.mutate('callerCreate', { name, how: { key: true } }, 'secret')
  const { ca } = await createAuthority()
  for (const name of ['ward', 'clinic'])
    await web.mutate('callerCreate', { name, how: { certificate: { ca, subjectAltNames: [name] } } }, 'secret')
  await fleet(web.pool).policy(photos.id, 'callers', ['nurse', 'ward'])
  await decide(web.pool, [photos.id])
  const named: [string, string] = ['x-fado-bucket', 'photos']
  const by = (caller?: string) => explain({ ...call('/function/f', named), caller })
  const nobody = await by()
  expect(nobody).toMatchObject({
    outcome: 'REJECTED',
    status: 401,
    decision: null,
    bucket: 'photos',
    callers: ['nurse', 'ward'],
    reasons: [{ code: 'CALLER_UNPROVEN' }, {}],
  })
  expect(why(nobody)['http://10.0.0.1:8080']).toBe('CALLER_UNPROVEN')
  expect(why(nobody)['http://10.0.1.1:8080']).toBe('CALLER_UNPROVEN,NOT_COMPLETE')
  expect(await by('porter')).toMatchObject({ status: 403, reasons: [{ code: 'CALLER_REFUSED' }, {}] })
  expect(await by('clinic')).toMatchObject({ status: 403, reasons: [{ code: 'CALLER_REFUSED' }, {}] })
  expect(await by('ward')).toMatchObject({ outcome: 'ROUTED' })
  expect(await by('nurse')).toMatchObject({ outcome: 'ROUTED', decision: expect.any(String) })
  const { decision } = await by('nurse')
  const kept = `query ($id: String!) { explainDecision(id: $id) { callers policies { name value source } } }`
  const past = async () => (await web.ask(kept, { id: decision })).data.explainDecision
  const policy = { name: 'callers', value: ['nurse', 'ward'], source: 'BUCKET' }
  expect(await past()).toMatchObject({ callers: ['nurse', 'ward'], policies: expect.arrayContaining([policy]) })
  // As an earlier version kept it: those who are there still are known by the table.
  const older = `UPDATE decision_reasons SET content = content - 'sources' - 'callers' #- '{policies,callers}'`
  await web.pool.query(older)
  expect(await past()).toEqual({
    callers: ['nurse', 'ward'],
    policies: expect.not.arrayContaining([expect.objectContaining({ name: 'callers' })]),
  })
  expect(await by('stranger')).toMatchObject({
    message: 'There is no caller stranger',
    extensions: { code: 'VALIDATION_FAILED' },
  })

  const elsewhere = { ...call('/function/f', ['x-fado-bucket', 'no']), caller: 'nurse' }
  expect(await explain(elsewhere)).toMatchObject({ status: 404 })
  await fleet(web.pool).policy(null, 'callers', ['porter'])
  expect(await explain(elsewhere)).toMatchObject({ status: 403, reasons: [{ code: 'UNKNOWN_BUCKET' }] })
  expect(await explain({ ...elsewhere, caller: null })).toMatchObject({ status: 401 })
})
