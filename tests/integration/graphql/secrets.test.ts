// What is secret is never seen again: in no answer, no log, no row and no audit.
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecretBox, openCredentials } from '../../../server/secrets.ts'
import { locateTool } from '../../../server/tools.ts'
import { createAuthority } from '../../support/certificates.ts'
import { type StoreProcess, startStore } from '../../support/store-process.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'

const accessKey = 'access-key-to-hide'
const secretKey = 'secret-key-to-hide'
let web: TestWeb
let minio: StoreProcess
const startHidden = () =>
  startStore({
    name: 'minio',
    command: locateTool('minio', process.env),
    args: ({ address, dataDir }) => ['server', '--quiet', '--address', address, dataDir],
    env: { MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_BROWSER: 'off' },
    accessKey,
    secretKey,
  })
beforeAll(async () => {
  ;[web, minio] = await Promise.all([startTestWeb(), startHidden()])
})
afterAll(async () => {
  await web?.stop()
  await minio?.stop()
})

/** Every table of the database as text. */
async function dump(): Promise<string> {
  const { rows } = await web.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  )
  const tables = await Promise.all(
    rows.map(({ name }) => web.pool.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)),
  )
  return tables.flatMap((table) => table.rows.map((one) => one.row)).join('\n')
}

test("a store's credentials and a token's secret are in no answer, log or row", async () => {
  const answers: string[] = []
  const ask = async (query: string, variables = {}) => {
    const answer = await web.ask(query, variables)
    answers.push(JSON.stringify(answer))
    return answer
  }
  const add = (input: Record<string, unknown>) =>
    ask(
      'mutation ($input: StorageDeploymentAddInput!) { storageDeploymentAdd(input: $input) { __typename ... on StorageDeploymentAddPayload { storageDeployment { id name endpoint capabilities health { detail } } } ... on UserError { message path } } }',
      {
        input: { cluster: 'hpc', name: 'hpc', endpoint: minio.endpoint, accessKey, secretKey, ...input },
      },
    )
  await web.mutate('clusterCreate', { name: 'hpc' }, 'cluster { id }')
  await add({ endpoint: 'http://127.0.0.1:1' })
  await add({ secretKey: 'secret-key-to-hide-wrong' })
  await add({ endpoint: `http://${accessKey}:${secretKey}@127.0.0.1:1` })
  await add({ region: { secretKey } })
  expect((await add({})).data.storageDeploymentAdd.storageDeployment.name).toBe('hpc')
  await ask(
    'mutation ($input: StorageDeploymentUpdateInput!) { storageDeploymentUpdate(input: $input) { __typename ... on UserError { message } } }',
    { input: { name: 'hpc', secretKey: 'secret-key-to-hide-2' } },
  )
  await ask(
    '{ clusters { nodes { storageDeployments { id name endpoint publicEndpoint managementUrl capabilities health { detail } } } } }',
  )
  const { secret } = await web.mutate('tokenCreate', { name: 'hidden', role: 'VIEWER' }, 'secret')
  await ask('{ tokens { id name } }')
  await web.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: secret }),
  })
  await ask('{ nothing }')
  const metrics = await (await web.fetch('/metrics')).text()

  for (const hidden of [accessKey, secretKey, secret, web.admin]) {
    expect(answers.join('\n')).not.toContain(hidden)
    expect(web.log()).not.toContain(hidden)
    expect(await dump()).not.toContain(hidden)
    expect(metrics).not.toContain(hidden)
  }
})

test("a function deployment's secrets are in no answer, log or row, however it is changed", async () => {
  const { cert, key } = await (await createAuthority()).issue(['DNS:fado'])
  const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const account = { type: 'service_account', client_email: 'fado@project.example', private_key: pem }
  const aws = { accessKey: 'AKIASHOWN', region: 'eu-central-1', service: 'lambda' }
  const auths = [
    { awsSigV4: { ...aws, secretKey: 'aws-secret-to-hide', sessionToken: 'aws-session-to-hide' } },
    { googleServiceAccount: JSON.stringify(account) },
    { key: { header: 'X-Functions-Key', value: 'azure-key-to-hide' } },
    { bearer: 'bearer-token-to-hide' },
  ]
  const hidden = ['aws-secret', 'aws-session', 'azure-key', 'bearer-token'].map((stem) => `${stem}-to-hide`)
  const keyLines = [pem, key].map((text) => text.split('\n')[1] ?? expect.fail())

  const answers: unknown[] = []
  const all =
    'id url kind weight pathTemplate usedPathTemplate payload functions auth { kind as region service } tls { ca clientCertificate skipVerify } hints { code message } health { detail }'
  const mutate = async (name: string, input: Record<string, unknown>) => {
    const answer = await web.mutate(name, input, `faasDeployment { ${all} }`)
    answers.push(answer)
    return answer
  }
  await web.mutate('clusterCreate', { name: 'functions' }, 'cluster { id }')
  const tls = { clientCertificate: cert, clientKey: key }
  for (const [i, auth] of auths.entries()) {
    const added = { cluster: 'functions', kind: 'HTTP', url: `https://f${i}.example.org`, functions: ['f'], auth }
    const { faasDeployment } = await mutate('faasDeploymentAdd', { ...added, tls })
    await mutate('faasDeploymentAdd', { ...added, tls })
    await mutate('faasDeploymentUpdate', { id: faasDeployment.id, url: 'https://elsewhere.example.org', weight: 2 })
    await mutate('faasDeploymentUpdate', { id: faasDeployment.id, tls: { clientKey: pem } })
    await mutate('faasDeploymentUpdate', { id: faasDeployment.id, pathTemplate: '/{bad}', auth, tls })
  }
  const { data } = await web.ask(`{ clusters { nodes { faasDeployments { ${all} } } } }`)
  answers.push(data)
  const shown = data.clusters.nodes.flatMap((one: { faasDeployments: unknown[] }) => one.faasDeployments)
  expect(shown.map((one: { auth: unknown }) => one.auth)).toEqual([
    { kind: 'AWS_SIGV4', as: 'AKIASHOWN', region: 'eu-central-1', service: 'lambda' },
    { kind: 'GOOGLE_SERVICE_ACCOUNT', as: 'fado@project.example', region: null, service: null },
    { kind: 'KEY', as: 'x-functions-key', region: null, service: null },
    { kind: 'BEARER', as: null, region: null, service: null },
  ])
  const metrics = await (await web.fetch('/metrics')).text()
  for (const secret of [...hidden, ...keyLines])
    for (const text of [JSON.stringify(answers), web.log(), await dump(), metrics]) expect(text).not.toContain(secret)
})

test('what is stored opens with the key and for its row only', async () => {
  const { rows } = await web.pool.query<{ id: string; credentials: string }>(
    'SELECT id, credentials FROM storage_deployment',
  )
  const [{ id, credentials } = { id: '', credentials: '' }] = rows
  expect(openCredentials(web.deps.secrets, id, credentials)).toEqual({ accessKey, secretKey })
  expect(() => openCredentials(web.deps.secrets, 'another-row', credentials)).toThrow(/belong to another row/)
  const otherKey = createSecretBox(Buffer.alloc(32, 8))
  expect(() => openCredentials(otherKey, id, credentials)).toThrow(
    /is not the one .* Without that key they cannot be read again/,
  )
})

test('with another secret key a store is usable again once its credentials are given again', async () => {
  await web.pool.query(`UPDATE storage_deployment SET credentials = replace(credentials, 'v1.', 'v1.00')`)
  const created = await web.mutate('bucketCreate', { name: 'locked', storageDeployment: 'hpc' }, 'bucket { id }')
  expect(created).toMatchObject({ code: 'UNSAFE', message: expect.stringContaining('secret.key') })
  const partly = await web.mutate('storageDeploymentUpdate', { name: 'hpc', secretKey }, 'storageDeployment { id }')
  expect(partly).toMatchObject({ code: 'UNSAFE' })
  const both = await web.mutate(
    'storageDeploymentUpdate',
    { name: 'hpc', accessKey, secretKey },
    'storageDeployment { name }',
  )
  expect(both).toMatchObject({ storageDeployment: { name: 'hpc' } })
  expect(
    await web.mutate('bucketCreate', { name: 'locked', storageDeployment: 'hpc' }, 'bucket { name }'),
  ).toMatchObject({ bucket: { name: 'locked' } })
})
