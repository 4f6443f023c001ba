// `fado explain`, as it is typed.

import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../support/certificates.ts'
import { runFado } from '../../support/commands.ts'
import { decide } from '../../support/decided.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

async function start({ ingressTls = true } = {}) {
  const web = await startTestWeb({ ingressTls })
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const hpc = await rows.cluster('hpc', { zones: ['de'], urls: ['http://10.0.0.1:8080'] })
  await rows.cluster('cloud', { zones: ['us'], urls: ['http://10.0.2.1:8080'] })
  const { id } = await hpc.store.bucket('photos')
  await rows.policy(id, 'zones', ['de'])
  await rows.policy(null, 'lb_match_header', 'X-Data')
  await decide(web.pool, [id])
  const run = (...args: string[]) => runFado(web, args)
  return { web, run, rows, id, decideAgain: () => decide(web.pool, [id]) }
}

test('fado explain call tells who gets a call and what keeps it from the others; -o json tells it to scripts', async () => {
  const { run, rows, id, decideAgain } = await start()
  const { code, text } = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos')
  expect(code).toBe(0)
  expect(text.replace(/: [\w-]{16};/, ': TABLE;')).toBe(
    [
      'A function gets it: photos is served by ROUND_ROBIN.',
      'No Envoy is connected.',
      'x-fado-decision: TABLE;round_robin',
      '',
      'CLUSTER  FUNCTIONS             CALLS  BECAUSE',
      'cloud    http://10.0.2.1:8080  no     cloud has no copy: lies in us, allowed is de',
      'hpc      http://10.0.0.1:8080  yes    -',
    ].join('\n'),
  )
  const twice = await run('explain', 'call', 'POST', '/function/f', '-H', 'X-Data: photos', '--header', 'x-data:b')
  expect(twice).toEqual({
    code: 0,
    text: expect.stringMatching(
      /^Envoy answers it by itself, with 400\.\nThe header X-Data must name one bucket, once\./,
    ),
  })
  await rows.policy(id, 'callers', ['gone'])
  await decideAgain()
  const nobody = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos')
  expect(nobody.text).toMatch(/^Envoy answers it by itself, with 401\.\nNothing proves who calls/)
  expect(nobody.text.match(/Nothing proves who calls/g)).toHaveLength(1)
  expect(nobody.text).toMatch(/^cloud +http:\S+ +no +cloud has no copy: lies in us, allowed is de$/m)
  expect(nobody.text).toMatch(/^hpc +http:\S+ +no +as said above the table$/m)
  expect(nobody.text).toContain('\nNobody may call: the policy callers names no caller that there is.\n')
  const unknown = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos', '--as', 'nurse')
  expect(unknown).toEqual({ code: 3, text: expect.stringContaining('There is no caller nurse') })
  const asJson = await run('explain', 'call', 'GET', '/function/f', '-o', 'json')
  expect(JSON.parse(asJson.text)).toMatchObject({ outcome: 'REJECTED', status: 400, candidates: [] })
  expect((await run('explain', 'call', 'GET', 'f')).code).toBe(3)
  expect((await run('explain', 'call', 'get', '/function/f', '-H', 'X-Data: no')).text).toContain('with 404')
  const fetched = await run('explain', 'call', 'fetch', '/function/f')
  expect(fetched).toEqual({ code: 3, text: expect.stringContaining('method must be one of HTTP, such as GET, POST') })
  expect((await run('explain', 'call', 'GET', '/function/f', '-H', 'nothing')).code).toBe(2)
})

test('fado explain decision leads from an x-fado-decision to what was decided', async () => {
  const { web, run, rows, decideAgain } = await start()
  const { text: said } = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos', '-o', 'json')
  const id = `${JSON.parse(said).decision};try=1`
  const { text } = await run('explain', 'decision', id, '--bucket', 'photos')
  expect(text.replace(/from \S+Z/, 'from TIME')).toBe(
    [
      'photos: calls were spread by ROUND_ROBIN, from TIME until now.',
      'Anybody might call.',
      'Users have changed neither the bucket nor the policies since.',
      '',
      'CLUSTER  CALLS  BECAUSE',
      'cloud    no     cloud has no copy: lies in us, allowed is de',
      'hpc      yes    -',
      '',
      'All functions of hpc were well all the time, by their probes.',
      '',
      'POLICY                VALUE        WHOSE',
      'zones                 de           bucket',
      'target_replica_count  0            default',
      'replica_locations     any          default',
      'max_staleness         60 s         default',
      'lb_policy             round_robin  default',
      'callers               all          default',
      'invocation_timeout    300 s        default',
      'retry                 unsent       default',
      'tries                 auto         default',
      'try_timeout           none         default',
    ].join('\n'),
  )
  const json = JSON.parse((await run('explain', 'decision', id, '-o', 'json')).text)
  expect(json).toMatchObject({ bucketName: 'photos', until: null, bucketVersion: 1, candidates: [{}, {}] })
  const wrong = await run('explain', 'decision', 'photos')
  expect(wrong).toEqual({ code: 3, text: expect.stringContaining('must be the x-fado-decision of an answer') })

  await rows.policy(null, 'max_staleness', 90)
  await web.mutate('routeOverrideSet', { bucket: 'photos', lbPolicy: 'FIRST', clusters: ['hpc'] }, '__typename')
  await decideAgain()
  const overridden = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos', '-o', 'json')
  const { text: later } = await run('explain', 'decision', JSON.parse(overridden.text).decision)
  expect(later).toContain('A route override named hpc.')
  expect(later).toMatch(/^lb_policy +first +route override$/m)
  expect(later).toMatch(/^max_staleness +90 s +all buckets$/m)
  const early = await run('explain', 'decision', id, '--at', '2020-01-01')
  expect(early).toEqual({ code: 3, text: expect.stringContaining('No such decision, made by 2020-01-01') })
  expect((await run('explain', 'decision', id, '--at', 'yesterday')).code).toBe(2)
})

test('fado explain decision says which functions were down while it held, and at the moment of a call', async () => {
  const { web, run } = await start()
  const { text: said } = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos', '-o', 'json')
  const { decision } = JSON.parse(said)
  const now = Date.now()
  const clock = (second: number) => new Date(now + second * 1000).toISOString()
  const changes = [
    [10, 'unhealthy', 'connection refused'],
    [20, 'returning', null],
    [50, 'healthy', null],
  ] as const
  for (const [second, health, detail] of changes)
    await web.pool.query(
      `INSERT INTO health_change (at, faas_id, health, detail)
       SELECT $1, id, $2, $3 FROM faas_deployment WHERE url = 'http://10.0.0.1:8080'`,
      [clock(second), health, detail],
    )
  const explain = async (...args: string[]) => (await run('explain', 'decision', decision, ...args)).text
  const held = await explain()
  const whole = 'CLUSTER  FUNCTIONS             WERE         FROM                      UNTIL                     WHY'
  const down = `hpc      http://10.0.0.1:8080  down         ${clock(10)}  ${clock(20)}  connection refused`
  const back = `hpc      http://10.0.0.1:8080  coming back  ${clock(20)}  ${clock(50)}  -`
  expect(held).toContain(
    ['Not all functions of hpc were well all the time, by their probes:', whole, back, down, ''].join('\n'),
  )
  expect(held).toMatch(/^hpc +yes +-$/m)
  const during = await explain('--at', clock(15))
  expect(during).toMatch(/^hpc +no +Its functions were down at that time$/m)
  expect(during).toContain(`Not all functions of hpc were well at ${clock(15)}, by their probes:`)
  expect(during).not.toContain('coming back')
  expect(await explain('--at', clock(60))).toContain(`All functions of hpc were well at ${clock(60)}, by their probes.`)
  const json = JSON.parse((await run('explain', 'decision', decision, '-o', 'json')).text)
  const { deployments } = json.candidates.find((one: { cluster: { name: string } }) => one.cluster.name === 'hpc')
  expect(deployments).toEqual([
    {
      url: 'http://10.0.0.1:8080',
      knownFrom: null,
      outages: [
        { status: 'UNHEALTHY', from: clock(10), until: clock(20), detail: 'connection refused' },
        { status: 'DEGRADED', from: clock(20), until: clock(50), detail: null },
      ],
    },
  ])
})

test('a caller by certificate is said to be unprovable where the ingress speaks no TLS', async () => {
  const { web, run, rows, id, decideAgain } = await start({ ingressTls: false })
  const { ca } = await createAuthority()
  const how = { certificate: { ca, subjectAltNames: ['ward.example'] } }
  await web.mutate('callerCreate', { name: 'ward', how }, 'secret')
  await rows.policy(id, 'callers', ['ward'])
  await decideAgain()
  const { text } = await run('explain', 'call', 'GET', '/function/f', '--bucket', 'photos', '--as', 'ward')
  expect(text).toMatch(/^Envoy answers it by itself, with 401\.\nNothing proves who calls/)
  expect(text).toContain('\nNobody can prove to be ward: certificates are shown over TLS, and the ingress speaks none')
  expect(text).toContain('\nOnly ward may call.\n')
})
