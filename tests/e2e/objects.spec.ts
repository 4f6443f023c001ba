// The bucket page's objects: looked through, sent, got, deleted.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { S3Error } from 'minio'
import { axeFaults, expect, type Store, test } from './console.ts'

type Given = { readonly name: string; readonly text?: string; readonly size?: number }

const section = (page: Page) => page.getByRole('region', { name: 'Objects', exact: true })
const table = (page: Page) => page.getByRole('region', { name: 'Objects, table' })
const uploads = (page: Page) => page.getByRole('region', { name: 'Uploads' })

/** Files that exist only in the browser, however large, dropped as a hand drops them. */
async function drop(page: Page, files: readonly Given[]): Promise<void> {
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const { name, text, size } of given) {
      const parts = text === undefined ? Array.from({ length: (size ?? 0) / 1e6 }, () => new Uint8Array(1e6)) : [text]
      transfer.items.add(new File(parts, name, { type: 'text/plain', lastModified: 1 }))
    }
    return transfer
  }, files)
  for (const type of ['dragenter', 'dragover', 'drop']) await section(page).dispatchEvent(type, { dataTransfer: data })
}

async function content(store: Store, bucket: string, key: string): Promise<string | null> {
  const stream = await store.getObject(bucket, key).catch(() => null)
  if (stream === null) return null
  let all = ''
  for await (const chunk of stream) all += String(chunk)
  return all
}

test('files that are dropped go straight to the store, are listed at once, are got again, and deleted', async ({
  signedIn: page,
  makeBucket,
  demo,
  s3,
}) => {
  const name = await makeBucket('drop', 'hpc', [{ name: 'target_replica_count', value: 1 }])
  const puts: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT') puts.push(new URL(request.url()).origin)
  })
  await page.goto(`/buckets/${name}`)
  await expect(page.getByText('No object yet')).toBeVisible()
  await drop(page, [
    { name: 'a file.txt', text: 'hello' },
    { name: 'empty', text: '' },
    { name: 'ü"<b>.txt', text: 'third' },
  ])
  await expect(table(page).getByRole('row', { name: /a file\.txt 5.B text\/plain/ })).toBeVisible()
  await expect(table(page).getByText('ü"<b>.txt')).toBeVisible()
  await expect(table(page).getByRole('row', { name: /empty 0.B/ })).toBeVisible()
  expect(await content(s3('hpc'), name, 'a file.txt')).toBe('hello')
  const store = demo().stores.find((one) => one.name === 'hpc')?.endpoint
  expect(new Set(puts)).toEqual(new Set([store]))
  await expect(uploads(page).getByRole('status')).toHaveText('3 files uploaded') // a row may be there before its upload's answer is
  await page.getByRole('button', { name: 'Clear what is done' }).click()
  await expect(uploads(page)).toHaveCount(0)

  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download a file.txt' }).click()
  const download = await saved
  expect(download.suggestedFilename()).toBe('a file.txt')
  expect(new URL(download.url()).origin).toBe(store)
  expect(await readFile(await download.path(), 'utf8')).toBe('hello')

  await table(page).getByRole('button', { name: 'a file.txt', exact: true }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByRole('region', { name: 'Object', exact: true })).toContainText(
    '5d41402abc4b2a76b9719d911017c592',
  )
  await expect(drawer.getByRole('region', { name: 'Where it is' })).toContainText('in sync')
  expect(await axeFaults(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 object' }).click()
  await expect(table(page).getByText('a file.txt')).toHaveCount(0)
  expect(await content(s3('hpc'), name, 'a file.txt')).toBeNull()

  await page.getByLabel('Choose empty').check()
  await page.getByLabel('Choose ü"<b>.txt').check()
  await page.getByRole('button', { name: 'Delete 2 objects' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 2 objects' }).click()
  await expect(page.getByText('No object yet')).toBeVisible()
})

test('a file over an object asks first, and what is kept stays', async ({ signedIn: page, makeBucket, s3 }) => {
  const name = await makeBucket('replace', 'edge')
  await s3('edge').putObject(name, 'a.txt', 'old')
  await page.goto(`/buckets/${name}`)
  await expect(table(page).getByText('a.txt')).toBeVisible()
  await drop(page, [{ name: 'a.txt', text: 'newer' }])
  await expect(uploads(page)).toContainText('is there already: replace it?')
  await page.getByRole('button', { name: 'Cancel the upload of a.txt' }).click()
  expect(await content(s3('edge'), name, 'a.txt')).toBe('old')
  await drop(page, [{ name: 'a.txt', text: 'newer' }])
  await page.getByRole('button', { name: 'Replace it' }).click()
  await expect(table(page).getByRole('row', { name: /a\.txt 5.B/ })).toBeVisible()
  expect(await content(s3('edge'), name, 'a.txt')).toBe('newer')
})

test('folders are entered, have addresses, and files go into the one that is shown', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('folders', 'edge')
  for (const key of ['2026/may/a.txt', '2026/june.txt', 'top.txt']) await s3('edge').putObject(name, key, 'x')
  await page.goto(`/buckets/${name}`)
  await table(page).getByRole('button', { name: '2026/' }).click()
  await expect(table(page).getByRole('button', { name: 'june.txt', exact: true })).toBeVisible()
  await table(page).getByRole('button', { name: 'may/' }).click()
  await expect(page).toHaveURL(/\?in=2026%2Fmay%2F$/)
  await page.setInputFiles('input[type=file]', { name: 'b.txt', mimeType: 'text/plain', buffer: Buffer.from('b') })
  await expect(table(page).getByRole('button', { name: 'b.txt', exact: true })).toBeVisible()
  expect(await content(s3('edge'), name, '2026/may/b.txt')).toBe('b')
  expect(await axeFaults(page)).toEqual([])
  await page.goBack()
  await expect(table(page).getByRole('button', { name: 'june.txt', exact: true })).toBeVisible()
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('button', { name }).click()
  await expect(table(page).getByText('top.txt')).toBeVisible()
})

test('a store that the browser cannot reach is passed by: bytes take the way through FaDO, both ways', async ({
  signedIn: page,
  makeBucket,
  demo,
  api,
  s3,
}) => {
  test.slow()
  const name = await makeBucket('through', 'cloud')
  const publicAt = (publicEndpoint: string) =>
    api('mutation($input: StorageDeploymentUpdateInput!) { storageDeploymentUpdate(input: $input) { __typename } }', {
      input: { name: 'cloud', publicEndpoint },
    })
  await publicAt('http://127.0.0.1:60999') // where nobody listens
  await page.goto(`/buckets/${name}`)
  await drop(page, [
    { name: 'small.txt', text: 'small' },
    { name: 'big.bin', size: 70e6 },
  ])
  await expect(table(page).getByText('small.txt')).toBeVisible()
  await expect(table(page).getByRole('row', { name: /big\.bin 70.MB/ })).toBeVisible({ timeout: 90_000 })
  expect(await content(s3('cloud'), name, 'small.txt')).toBe('small')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download small.txt' }).click()
  const download = await saved
  expect(new URL(download.url()).pathname).toBe(`/api/objects/${name}/small%2Etxt`)
  expect(await readFile(await download.path(), 'utf8')).toBe('small')
  await publicAt(demo().stores.find((one) => one.name === 'cloud')?.endpoint ?? '')
})

test('200 MB show how far they are, go on where they were cut, and leave nothing when they are cancelled', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  test.setTimeout(120_000)
  const name = await makeBucket('large', 'hpc')
  await page.goto(`/buckets/${name}`)
  await expect(page.getByText('No object yet')).toBeVisible()
  const network = await page.context().newCDPSession(page)
  const line = (bytesPerSecond: number, offline = false) =>
    network.send('Network.emulateNetworkConditions', {
      ...{ offline, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond },
    })
  await line(25e6)
  await drop(page, [{ name: 'large.bin', size: 200e6 }])
  await expect(uploads(page)).toContainText(/[4-9]\d.% of 200.MB/, { timeout: 30_000 })
  await line(-1, true)
  await expect(uploads(page)).toContainText('it is tried again', { timeout: 40_000 })
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(new URL(request.url()).searchParams.get('partNumber') ?? '')
  })
  await line(-1)
  await expect(table(page).getByRole('row', { name: /large\.bin 200.MB/ })).toBeVisible({ timeout: 60_000 })
  expect(sent.length).toBeLessThan(12) // not all of its 12 parts once more
  expect((await s3('hpc').statObject(name, 'large.bin')).size).toBe(200e6)

  await line(20_000) // it would take an hour
  await drop(page, [{ name: 'stalls.bin', size: 100e6 }])
  await expect(uploads(page).getByRole('progressbar')).toBeVisible()
  await expect.poll(async () => (await incomplete(s3('hpc'), name)).length).toBe(1)
  await page.getByRole('button', { name: 'Cancel the upload of stalls.bin' }).click()
  await expect(uploads(page)).not.toContainText('stalls.bin')
  await expect.poll(async () => (await incomplete(s3('hpc'), name)).length, { timeout: 20_000 }).toBe(0)
})

/** The client asks for the parts of each that is listed: one that ends in between is gone, and all are listed again. */
async function incomplete(store: Store, bucket: string): Promise<string[]> {
  const found: string[] = []
  try {
    for await (const { key } of store.listIncompleteUploads(bucket, '', true)) found.push(key)
    return found
  } catch (error) {
    if (error instanceof S3Error && error.code === 'NoSuchUpload') return incomplete(store, bucket)
    throw error
  }
}

test('who may only read can look and get, and is offered nothing more', async ({
  page,
  api,
  makeBucket,
  s3,
  clean: _,
}) => {
  const name = await makeBucket('viewer', 'edge')
  await s3('edge').putObject(name, 'a.txt', 'hello')
  const made = await api<{ tokenCreate: { secret: string; token: { id: string } } }>(
    `mutation($input: TokenCreateInput!) { tokenCreate(input: $input) { ... on TokenCreatePayload { secret token { id } } } }`,
    { input: { name: `objects-${name}`, role: 'VIEWER' } },
  )
  await page.request.post('/api/session', { data: { token: made.tokenCreate.secret } })
  await page.goto(`/buckets/${name}`)
  await expect(table(page).getByText('a.txt')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Upload files' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Delete a.txt' })).toBeDisabled()
  await drop(page, [{ name: 'b.txt', text: 'b' }])
  await expect(uploads(page)).toHaveCount(0)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download a.txt' }).click()
  expect((await saved).suggestedFilename()).toBe('a.txt')
  await api('mutation($input: TokenRevokeInput!) { tokenRevoke(input: $input) { __typename } }', {
    input: { id: made.tokenCreate.token.id },
  })
})
