import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client as S3 } from 'minio'
import { startMinio } from '../support/minio.ts'
import { axeFaults, deleteBucket, expect, fresh, test } from './console.ts'

async function listening(): Promise<Server> {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

test('a store that sends no events is said to: in its form, at its cluster, at its buckets, and as a notice', async ({
  signedIn: page,
  api,
}) => {
  test.slow()
  const store = await startMinio()
  const functions = await listening()
  const cluster = fresh('silent')
  const bucket = fresh('swept')
  try {
    await page.goto('/clusters?add=1')
    const form = page.getByRole('dialog', { name: 'Add a cluster' })
    await form.getByLabel('Cluster name').fill(cluster)
    await form.getByLabel('Endpoint', { exact: true }).fill(store.endpoint)
    await form.getByLabel('Access key').fill(store.accessKey)
    await form.getByLabel('Secret key').fill(store.secretKey)
    await form.getByLabel('Platform').selectOption('HTTP')
    await form.getByLabel('URL').fill(urlOf(functions))
    await form.getByRole('button', { name: 'Add the cluster with its store and functions' }).click()
    await expect(page.locator('.toast')).toContainText('It sends no events: its buckets are looked at in turns')
    await expect(page.getByText('Sends no events: looked at in turns.')).toBeVisible()

    await expect(page.locator('.note')).toContainText(`npx fado store events ${cluster} prints what to set where.`)

    await page.getByRole('button', { name: `Credentials of ${cluster}` }).click()
    await page.getByRole('button', { name: 'Probe it again' }).click()
    await expect(page.locator('.toast').last()).toContainText('was probed. It sends no events')

    const policies = [
      { name: 'replica_locations', value: ['hpc'] },
      { name: 'max_staleness', value: 4 },
      { name: 'drain_delay', value: 0 },
    ]
    await api('mutation($input: BucketCreateInput!) { bucketCreate(input: $input) { __typename } }', {
      input: { name: bucket, storageDeployment: cluster, policies },
    })
    await page.goto(`/buckets/${bucket}`)
    const { hostname, port } = new URL(store.endpoint)
    const { accessKey, secretKey } = store
    const s3 = new S3({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey })
    await expect(page.locator('.sentence')).toHaveText(
      new RegExp(`^Master on ${cluster}, in sync on hpc as of (now|\\d+.s ago)\\.$`),
    )
    await expect(page.locator('.note')).toContainText(`${cluster} sends no events`)
    await expect(page.locator('.note')).toContainText(/a change is found within 2.s, half of max_staleness/)
    const compared = page.getByRole('region', { name: 'Compared as a whole' })
    await expect(compared).toContainText(/master Every 2.s, next /)
    await expect(compared).toContainText(`${cluster} tells of no changes that FaDO relies on`)
    await expect(compared).toContainText(/requests a day at this pace/)
    await expect(page.locator('.note')).toContainText(`npx fado store events ${cluster} prints what to set where.`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await axeFaults(page)).toEqual([])
    }
    await s3.putObject(bucket, 'late.txt', 'hello')
    await expect(page.getByRole('row', { name: /late\.txt 5.B/ })).toBeVisible({ timeout: 60_000 })

    await page.goto('/')
    const notices = page.getByRole('region', { name: 'Needs attention' })
    await expect(notices).toContainText(`Store ${cluster} sends no events`)
    await expect(notices).toContainText('1 bucket with its master there is looked at in turns')
    await expect(page.locator('.sentence')).toContainText('nothing needs you')

    // Set up from outside it is believed once it tells; until then it is looked at in turns, and that it lets changes pass is said.
    await page.goto(`/clusters/${cluster}`)
    await page.getByRole('button', { name: `Credentials of ${cluster}` }).click()
    const settings = page.getByRole('dialog', { name: `Credentials of ${cluster}` })
    await settings.getByLabel('Events', { exact: true }).selectOption('EXTERNAL')
    await settings.getByLabel('Topics of AWS SNS').fill('fado')
    await settings.getByRole('button', { name: 'Use the new values' }).click()
    await expect(settings).toContainText('must be ARNs such as')
    await settings.getByLabel('Topics of AWS SNS').fill('')
    await settings.getByRole('button', { name: 'Use the new values' }).click()
    await expect(settings).toBeHidden({ timeout: 60_000 })
    await expect(page.getByText('No event yet.')).toBeVisible()
    await expect(page.getByText(`No event ever arrived of ${bucket}`)).toBeVisible()
    expect(await axeFaults(page)).toEqual([])
    await s3.putObject(bucket, 'untold.txt', 'hello')
    await page.goto('/')
    await expect(notices).toContainText(`Store ${cluster} changes and does not tell`, { timeout: 60_000 })
    await page.goto(`/buckets/${bucket}`)
    await expect(page.locator('.note')).toContainText(`${cluster} did not tell of changes in this bucket`)
    await expect(page.locator('.note')).toContainText(`npx fado store events ${cluster}`)
    expect(await axeFaults(page)).toEqual([])
    await page.goto('/')

    // Functions that do not answer get none of a bucket's calls, and are told with what happened.
    functions.close()
    functions.closeAllConnections()
    await expect(notices).toContainText(`Functions of ${cluster} do not answer`, { timeout: 30_000 })
    await expect(notices).toContainText('it cannot be reached: the connection is refused')
    await page.goto(`/buckets/${bucket}`)
    await expect(page.getByRole('img', { name: 'Weights: hpc 1', exact: true })).toBeVisible()
    await expect(page.getByText('gets none: its functions do not answer')).toBeVisible()
  } finally {
    await deleteBucket(api, bucket)
    const gone = async () =>
      (await api<{ bucket: unknown }>('query($name: String!) { bucket(name: $name) { id } }', { name: bucket })).bucket
    await expect.poll(gone, { timeout: 60_000 }).toBeNull()
    await api('mutation($input: ClusterDeleteInput!) { clusterDelete(input: $input) { __typename } }', {
      input: { cluster, force: true },
    })
    functions.close()
    await store.stop()
  }
})
