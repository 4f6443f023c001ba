// Commands on clusters, their stores and functions.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { writeFunctionHealth, writeStoreHealth } from '../../../server/db/deciding/health.ts'
import { createAuthority } from '../../support/certificates.ts'
import { startCommands } from '../../support/commands.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { fromNow } from '../../support/world/fleet.ts'

test('fado get stores names what is weaker, and says it in sentences, of all and of one', async () => {
  const { web, rows, fado, refusal, cell } = await startCommands()
  const hpc = await rows.cluster('hpc')
  await rows.cluster('edge')
  await web.pool.query(
    `UPDATE storage_deployment SET capabilities = array_remove(array_remove(capabilities, 'tags'), 'md5-etags'), skip_tls_verify = true
     WHERE id = $1`,
    [hpc.store.id],
  )
  expect(await cell('stores', 'hpc', 'HINTS')).toMatch(/^CERTIFICATE_UNCHECKED, CAPABILITY_MISSING/)
  for (const only of [[], ['hpc']]) {
    const [table = '', sentences = ''] = (await fado('get', 'stores', ...only)).split('\n\n')
    const stores = table.split('\n').map((line) => line.split(' ')[0])
    expect(stores).toEqual(['STORE', ...(only.length === 0 ? ['edge'] : []), 'hpc'])
    const said = 'It keeps no tags: objects that have some are copied without them, and named'
    expect(sentences.split('\n')).toContain(`- ${stores.slice(1).join(', ')}: ${said}`)
  }
  expect(JSON.parse(await fado('get', 'stores', 'hpc', '-o', 'json'))).toMatchObject([{ name: 'hpc' }])
  expect(await refusal(3, 'get', 'stores', 'nowhere')).toContain('There is no store nowhere')
})

test('an AWS key is replaced by another one, and region and service stay as they were', async () => {
  const { run, fado, refusal, cell } = await startCommands()
  await fado('cluster', 'add', 'cloud')
  const lambda = ['--cluster', 'cloud', '--kind', 'AWS_LAMBDA', '--url', 'https://lambda.eu-central-1.amazonaws.com']
  const environment = { FADO_FUNCTION_SECRET: 'a-secret-key' }
  const first = ['--aws-access-key', 'AKIAFIRST', '--aws-region', 'eu-central-1', '--aws-service', 'execute-api']
  await run(['function', 'add', ...lambda, ...first], environment)
  const id = await cell('functions', 'cloud', 'ID')
  await run(['function', 'update', id, '--aws-access-key', 'AKIASECOND'], environment)
  expect(await cell('functions', 'cloud', 'AUTH')).toBe('AWS_SIGV4 AKIASECOND for execute-api in eu-central-1')
  await run(['function', 'update', id, '--aws-access-key', 'AKIATHIRD', '--aws-region', 'eu-west-1'], environment)
  expect(await cell('functions', 'cloud', 'AUTH')).toBe('AWS_SIGV4 AKIATHIRD for execute-api in eu-west-1')
  await fado('function', 'update', id, '--no-auth')
  const lost = await refusal(2, 'function', 'update', id, '--aws-access-key', 'AKIAFOURTH')
  expect(lost).toContain('--aws-access-key needs --aws-region')
})

test('function deployments are added, shown and changed as they are called, and their secrets shown by nothing', async () => {
  const { run, fado, refusal, cell } = await startCommands()
  await fado('cluster', 'add', 'cloud')
  const url = 'https://app.example.org'
  const added = ['function', 'add', '--cluster', 'cloud', '--kind', 'AZURE_FUNCTIONS', '--url', url]
  const environment = { FADO_FUNCTION_SECRET: 'the-azure-key' }
  const shown: string[] = []
  const keep = (text: string) => {
    shown.push(text)
    return text
  }
  keep((await run([...added, '--key-header', 'x-functions-key', '--skip-tls-verify'], environment)).text)
  expect(shown[0]).toMatch(/^Added functions at https:.* to cloud[.]\n {2}Its certificate is not checked/)
  expect(await cell('functions', 'cloud', 'CALLS')).toBe('/api/{name}{rest}')
  expect(await cell('functions', 'cloud', 'AUTH')).toBe('KEY x-functions-key')
  expect(await cell('functions', 'cloud', 'FUNCTIONS')).toBe('any')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('CERTIFICATE_UNCHECKED')
  for (const only of [[], ['cloud']])
    expect(keep(await fado('get', 'functions', ...only))).toContain(`\n\n- ${url}: Its certificate is not checked`)
  expect(await refusal(3, 'get', 'functions', 'nowhere')).toContain('There is no cluster nowhere')
  expect(await cell('clusters', 'cloud', 'FUNCTIONS')).toContain('certificate not checked')

  const id = await cell('functions', 'cloud', 'ID')
  keep(await fado('function', 'update', id, '--functions', 'resize,blur', '--no-skip-tls-verify'))
  expect(await cell('functions', 'cloud', 'FUNCTIONS')).toBe('blur and resize')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('-')
  const { ca } = await createAuthority()
  const caFile = path.join(await tempDir(), 'ca.pem')
  await writeFile(caFile, ca)
  await fado('function', 'update', id, '--skip-tls-verify')
  await fado('function', 'update', id, '--ca-file', caFile)
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('CERTIFICATE_UNCHECKED')
  await fado('function', 'update', id, '--no-tls')
  expect(await cell('functions', 'cloud', 'HINTS')).toBe('-')
  const moved = await refusal(3, 'function', 'update', id, '--url', 'https://elsewhere.example.org')
  expect(keep(moved)).toMatch(/Give the secret again.*[(]VALIDATION_FAILED[)]/)
  keep(await fado('function', 'update', id, '--any-function', '--no-auth', '--path-template', '/f/{name}'))
  expect([await cell('functions', 'cloud', 'AUTH'), await cell('functions', 'cloud', 'CALLS')]).toEqual([
    '-',
    '/f/{name}',
  ])
  keep(await fado('get', 'functions', '-o', 'json'))
  expect(shown.join('\n')).not.toContain('the-azure-key')
})

test('fado get health tells how stores and functions came and went, of all clusters or of one', async () => {
  const { web, rows, fado, refusal } = await startCommands()
  const [edge, hpc] = [await rows.cluster('edge', { urls: ['http://127.0.0.1:1'] }), await rows.cluster('hpc')]
  const { rows: found } = await web.pool.query<{ id: string }>('SELECT id FROM faas_deployment')
  const down = { health: 'unhealthy', anew: false, cause: 'FAILING', detail: 'It answers 503' } as const
  const back = { health: 'returning', anew: false, cause: null, detail: null } as const
  await web.pool.transaction(async (tx) => {
    await writeStoreHealth(tx, hpc.store.id, down)
    await writeStoreHealth(tx, edge.store.id, down)
    await writeFunctionHealth(tx, found[0]?.id ?? '', { ...down, addresses: [], lacksPath: false })
    await writeFunctionHealth(tx, found[0]?.id ?? '', { ...back, addresses: [], lacksPath: false })
  })
  const seen = async (...of: string[]) => (await fado('get', 'health', ...of)).split('\n').slice(1)
  expect(await seen()).toHaveLength(4)
  expect(await seen('edge')).toEqual([
    expect.stringMatching(/edge +functions http:\/\/127\.0\.0\.1:1 +DEGRADED +It was down and answers again/),
    expect.stringMatching(/edge +functions http:\/\/127\.0\.0\.1:1 +UNHEALTHY +It answers 503$/),
    expect.stringMatching(/edge +store edge +UNHEALTHY +It answers 503$/),
  ])
  expect(await refusal(3, 'get', 'health', 'nowhere')).toContain('There is no cluster nowhere')
})

test('an Envoy that will not come back is forgotten by the name of its node, or by its id; one that is connected is not', async () => {
  const { rows, fado, refusal } = await startCommands()
  const gone = { closedAt: new Date(), leaseUntil: fromNow(600) }
  for (const name of ['edge-1', 'edge-2']) await rows.proxy(name, { stream: gone })
  await rows.proxy('edge-3')
  expect(await fado('proxy', 'forget', 'edge-1')).toBe('Forgot edge-1: nothing waits for it any more.')
  const left = JSON.parse(await fado('get', 'proxies', '-o', 'json')) as { id: string; nodeId: string }[]
  expect(left.map(({ nodeId }) => nodeId).sort()).toEqual(['edge-2', 'edge-3'])
  await fado('proxy', 'forget', left.find(({ nodeId }) => nodeId === 'edge-2')?.id ?? '')
  expect(await refusal(3, 'proxy', 'forget', 'edge-3')).toContain('The proxy edge-3 is connected: stop it first')
  expect(await refusal(3, 'proxy', 'forget', 'edge-1')).toContain('There is no such proxy')
})
