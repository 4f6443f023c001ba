import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority } from '../support/certificates.ts'
import { axeFaults, expect, fresh, test } from './console.ts'

/** Two function platforms: one over http, one whose certificate nobody knows. */
async function startPlatforms(dir: string) {
  const answer: RequestListener = (_, response) => response.end('ok')
  const { cert, key } = await (await createAuthority(dir)).issue(['IP:127.0.0.1'])
  const servers: readonly Server[] = [createServer(answer), createTlsServer({ cert, key }, answer)]
  for (const server of servers) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  const [plain, secure] = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { plain: `http://${plain}`, secure: `https://${secure}`, stop: () => servers.map((one) => one.close()) }
}

test('a form asks for what its platform needs, says what a call becomes, never shows a secret, and warns', async ({
  signedIn: page,
  api,
}, info) => {
  const dir = info.outputPath()
  await mkdir(dir, { recursive: true })
  const [cluster, platforms] = [fresh('cloud'), await startPlatforms(dir)]
  await api('mutation($input: ClusterCreateInput!) { clusterCreate(input: $input) { __typename } }', {
    input: { name: cluster },
  })
  // Nobody listens there.
  const greeter = 'http://127.0.0.1:9'
  try {
    await page.goto(`/clusters/${cluster}`)
    const add = page.getByRole('dialog', { name: `Add functions to ${cluster}` })
    const edit = page.getByRole('dialog', { name: `Edit functions of ${cluster}` })
    const table = page.getByRole('region', { name: 'Functions, table' })

    await page.getByRole('button', { name: 'Add functions' }).click()
    await expect(add.getByText('becomes http://10.0.0.5:8080/function/resize/a.png?w=9.')).toBeVisible()
    await expect(add.getByLabel('Secret key of AWS')).toHaveCount(0)
    await expect(add.getByLabel('Client certificate')).toHaveCount(0)
    await add.getByLabel('Platform').selectOption('AWS Lambda')
    await expect(add.getByText('becomes an event with its method')).toBeVisible()
    await add.getByLabel('URL').fill(platforms.plain)
    await add.getByLabel('Access key of AWS').fill('AKIAEXAMPLE')
    await add.getByLabel('Functions there').fill('resize blur ')
    await add.getByRole('button', { name: 'Add the functions' }).click()
    for (const label of ['Secret key of AWS', 'Region of AWS'])
      await expect(add.getByLabel(label)).toHaveAttribute('aria-invalid', 'true')
    expect(await axeFaults(page)).toEqual([])
    await add.getByLabel('Secret key of AWS').fill('a-secret-key')
    await add.getByLabel('Region of AWS').fill('eu-central-1')
    await add.getByLabel('Handed over').selectOption('Its body as the event')
    await add.getByRole('button', { name: 'Add the functions' }).click()
    await expect(
      table.getByText('It has blur and resize. Signed as AKIAEXAMPLE for lambda in eu-central-1.'),
    ).toBeVisible()

    await page.getByRole('button', { name: 'Add functions' }).click()
    await add.getByLabel('Platform').selectOption('Azure Functions')
    await add.getByLabel('URL').fill(platforms.secure)
    await expect(add.getByLabel('Header')).toHaveValue('x-functions-key')
    await add.getByLabel('Key', { exact: true }).fill('an-azure-key')
    await add.getByText('Certificates', { exact: false }).click()
    await add.getByLabel('Take any certificate').check()
    await add.getByRole('button', { name: 'Add the functions' }).click()
    await expect(table.getByText('Its certificate is not checked')).toBeVisible()
    await expect(
      table.getByRole('row', { name: new RegExp(`${platforms.secure} Azure Functions 1 healthy`) }),
    ).toBeVisible()
    expect(await axeFaults(page)).toEqual([])

    await page.getByRole('button', { name: `Edit ${platforms.secure}` }).click()
    await expect(edit.getByLabel('Platform')).toBeDisabled()
    await expect(edit.getByLabel('Key', { exact: true })).toHaveValue('')
    await expect(edit.getByRole('button', { name: 'Use the new values' })).toBeDisabled()
    await edit.getByLabel('Path template').fill('{wrong')
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(edit.getByLabel('Path template')).toHaveAttribute('aria-invalid', 'true')
    await edit.getByLabel('Path template').fill('/v2/{name}')
    await expect(edit.getByText(`becomes ${platforms.secure}/v2/resize?w=9.`)).toBeVisible()
    await edit.getByLabel('URL').fill(platforms.secure.replace('127.0.0.1', 'localhost'))
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(edit.getByLabel('Proof')).toHaveAttribute('aria-invalid', 'true')
    await expect(edit.getByRole('alert')).toContainText('Give the secret again')
    await edit.getByLabel('URL').fill(platforms.secure)
    await edit.getByLabel('Header').fill('x-other-key')
    await edit.getByLabel('Take any certificate').uncheck()
    const file = { name: 'ca.pem', mimeType: 'text/plain', buffer: Buffer.from('no certificate') }
    await edit.getByLabel('Choose a file for Authorities').setInputFiles(file)
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(edit.getByLabel('Authorities (PEM)', { exact: true })).toHaveAttribute('aria-invalid', 'true')
    await edit.getByLabel('Authorities (PEM)', { exact: true }).fill('')
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(
      table.getByText('Calls go to /v2/{name}. It may have any function. A key in x-other-key.'),
    ).toBeVisible()
    await expect(table.getByText('Its certificate is not checked')).toHaveCount(0)

    await page.getByRole('button', { name: 'Add functions' }).click()
    await add.getByLabel('Platform').selectOption('OpenFaaS')
    await expect(add.getByLabel('Calls it takes')).toHaveCount(0)
    await add.getByLabel('Platform').selectOption('plain HTTP')
    await add.getByLabel('URL').fill(greeter)
    await add.getByLabel('Calls it takes').selectOption('Only gRPC')
    await expect(add.getByText(`becomes ${greeter}/hello.Greeter/SayHello.`)).toBeVisible()
    await add.getByRole('button', { name: 'Add the functions' }).click()
    await expect(table.getByText('Calls go to {rest}. It takes calls of gRPC alone.')).toBeVisible()

    const { cluster: stored } = await api<{ cluster: { faasDeployments: unknown[] } }>(
      'query($cluster: String!) { cluster(name: $cluster) { faasDeployments { kind payload takes functions } } }',
      { cluster },
    )
    expect(stored.faasDeployments).toEqual([
      { kind: 'AWS_LAMBDA', payload: 'RAW', takes: 'PLAIN', functions: ['blur', 'resize'] },
      { kind: 'AZURE_FUNCTIONS', payload: null, takes: 'PLAIN', functions: null },
      { kind: 'HTTP', payload: null, takes: 'GRPC', functions: null },
    ])
  } finally {
    platforms.stop()
    await api('mutation($input: ClusterDeleteInput!) { clusterDelete(input: $input) { __typename } }', {
      input: { cluster },
    })
  }
})
