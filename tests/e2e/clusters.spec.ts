import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startMinio } from '../support/minio.ts'
import { expect, fresh, test } from './console.ts'

test('a cluster is added with its store and functions; what is refused stands at its field and the form goes on from there', async ({
  signedIn: page,
  api,
}) => {
  const store = await startMinio()
  const functions = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(functions, 'listening')
  try {
    const address = `http://127.0.0.1:${(functions.address() as AddressInfo).port}`
    const name = fresh('added')
    await page.goto('/clusters')
    await page.getByRole('button', { name: 'Add a cluster' }).click()
    const form = page.getByRole('dialog', { name: 'Add a cluster' })

    await form.getByLabel('Cluster name').fill('hpc')
    await form.getByRole('button', { name: 'Add the cluster' }).click()
    await expect(form.getByLabel('Cluster name')).toHaveAttribute('aria-invalid', 'true')
    await expect(form.getByRole('alert')).toContainText('hpc already')

    await form.getByLabel('Cluster name').fill(name)
    await form.getByLabel('Endpoint', { exact: true }).fill('127.0.0.1:9000')
    await form.getByLabel('URL').fill('gateway')
    await form.getByLabel('Weight').fill('0')
    await form.getByRole('button', { name: 'Add the cluster with its store and functions' }).click()
    for (const label of ['Endpoint', 'Access key', 'Secret key', 'URL', 'Weight'])
      await expect(form.getByLabel(label, { exact: true })).toHaveAttribute('aria-invalid', 'true')
    for (let tries = 0; tries < 2; tries++) {
      await expect(form.getByLabel('Endpoint', { exact: true })).toBeFocused()
      await expect(form.getByText('An endpoint is http://host:port')).toBeInViewport()
      await form.getByRole('button', { name: 'Add the cluster with its store and functions' }).click()
    }
    const made = await api<{ cluster: unknown }>('query($name: String!) { cluster(name: $name) { id } }', { name })
    expect(made.cluster, 'nothing is made while a field is wrong').toBeNull()

    await form.getByLabel('Weight').fill('1')
    await form.getByRole('combobox', { name: 'Zones' }).fill('spain ')
    await form.getByLabel('Endpoint', { exact: true }).fill('http://127.0.0.1:9')
    await form.getByLabel('Access key').fill(store.accessKey)
    await form.getByLabel('Secret key').fill(store.secretKey)
    await form.getByLabel('URL').fill(address)
    await form.getByRole('button', { name: 'Add the cluster with its store and functions' }).click()
    await expect(form.getByLabel('Endpoint', { exact: true })).toHaveAttribute('aria-invalid', 'true')
    await expect(form.getByText(`Cluster ${name} exists; its store could not be added.`)).toBeVisible()
    await expect(form.getByLabel('Cluster name')).toBeDisabled()

    await form.getByLabel('Endpoint', { exact: true }).fill(store.endpoint)
    await form.getByLabel('Secret key').fill('not-the-secret')
    await form.getByRole('button', { name: 'Add its store and functions' }).click()
    await expect(form.getByRole('alert')).toBeVisible()

    await form.getByLabel('Secret key').fill(store.secretKey)
    await form.getByRole('button', { name: 'Add its store and functions' }).click()
    await expect(page).toHaveURL(`/clusters/${name}`)
    await expect(page.getByText('spain')).toBeVisible()
    await expect(page.getByText(store.endpoint)).toBeVisible()
    await expect(page.getByText(`Its store ${name} answers. Its functions answer.`)).toBeVisible()

    await page.getByRole('button', { name: `Credentials of ${name}` }).click()
    await page.getByLabel('Secret key').fill('wrong-secret')
    await page.getByRole('button', { name: 'Use the new values' }).click()
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible()
    await page.getByLabel('Secret key').fill(store.secretKey)
    await page.getByRole('button', { name: 'Use the new values' }).click()
    await expect(page.getByText('uses the new values')).toBeVisible()

    const functionsTable = page.getByRole('region', { name: 'Functions, table' })
    await page.getByRole('button', { name: `Edit ${address}` }).click()
    const edit = page.getByRole('dialog', { name: `Edit functions of ${name}` })
    await edit.getByLabel('Weight').fill('129')
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(edit.getByRole('alert')).toHaveText('A weight is a whole number from 1 to 128.')
    await edit.getByLabel('Weight').fill('3')
    await edit.getByLabel('URL').fill(`${address}/gateway`)
    await edit.getByRole('button', { name: 'Use the new values' }).click()
    await expect(functionsTable.getByRole('row', { name: new RegExp(`${address}/gateway OpenFaaS 3 `) })).toBeVisible()

    await page.getByRole('button', { name: `Remove ${address}` }).click()
    await page.getByRole('button', { name: 'Remove them' }).click()
    await expect(page.getByText('None yet: this cluster gets no calls.')).toBeVisible()

    await page.getByRole('button', { name: 'Remove the cluster' }).click()
    await page.getByLabel(/^Type/).fill(name)
    await page.getByRole('button', { name: 'Remove it' }).click()
    await expect(page.getByText(`No cluster is called ${name}.`)).toBeVisible()
  } finally {
    functions.close()
    await store.stop()
  }
})

test('zones are edited; a cluster that holds a master is not removed, and it is said why', async ({
  signedIn: page,
}) => {
  await page.goto('/clusters/cloud')
  await page.getByRole('button', { name: 'Edit zones' }).click()
  await page.getByRole('combobox', { name: 'Zones' }).fill('test-zone ')
  await page.getByRole('button', { name: /^Set to .*test-zone/ }).click()
  await expect(page.getByText('eu, ireland, test-zone')).toBeVisible()
  await page.getByRole('button', { name: 'Edit zones' }).click()
  await page.getByRole('button', { name: 'Remove test-zone' }).click()
  await page.getByRole('button', { name: 'Set to eu, ireland' }).click()
  await expect(page.getByText('eu, ireland', { exact: true })).toBeVisible()

  await page.getByRole('button', { name: 'Remove the cluster' }).click()
  await page.getByLabel(/^Type/).fill('cloud')
  await page.getByRole('button', { name: 'Remove it' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('factory-handbook')
})

test('a cluster that lacks store or functions is not counted among those that take data and calls', async ({
  signedIn: page,
  api,
}) => {
  const cluster = fresh('bare')
  await page.goto('/clusters')
  await expect(page.locator('.sentence')).toHaveText('All 3 clusters take data and calls.')
  await api('mutation($input: ClusterCreateInput!) { clusterCreate(input: $input) { __typename } }', {
    input: { name: cluster },
  })
  await expect(page.locator('.sentence')).toHaveText(
    `3 of 4 clusters take data and calls; ${cluster} has neither store nor functions.`,
  )
  await expect(page.getByRole('row', { name: new RegExp(`^empty ${cluster}`) })).toBeVisible()
  await api('mutation($input: ClusterDeleteInput!) { clusterDelete(input: $input) { __typename } }', {
    input: { cluster },
  })
  await expect(page.locator('.sentence')).toHaveText('All 3 clusters take data and calls.')
})

test('the cluster leads to the buckets that have a copy there', async ({ signedIn: page }) => {
  await page.goto('/clusters/cloud')
  await page.getByRole('link', { name: 'Buckets with a copy here' }).click()
  await expect(page.getByRole('row', { name: /factory-handbook/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /patient-scans/ })).toHaveCount(0)
})
