import { expect, type Store, test } from './console.ts'

const row = (name: RegExp) => ({ name })

test('a policy is changed in its row, and copies and route follow before one\u2019s eyes', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('moves', 'hpc')
  await s3('hpc').putObject(name, 'a.txt', 'hello')
  await page.goto(`/buckets/${name}`)
  await expect(page.locator('.sentence')).toContainText('Only on hpc')

  await page.getByRole('button', { name: 'Edit target_replica_count' }).click()
  await page.getByLabel('New value of target_replica_count').fill('2')
  await page.keyboard.press('Enter')
  await expect(page.locator('.sentence')).toHaveText('Master on hpc, in sync on cloud and edge.')
  await expect(page.getByRole('row', row(/^target_replica_count 2 .*bucket/))).toBeVisible()
  await expect(page.getByRole('img', { name: /^Weights: .*cloud.*edge.*hpc/ })).toBeVisible()
  await expect(page.getByText('its proxy agrees')).toBeVisible()

  await page.getByRole('button', { name: 'Edit zones' }).click()
  await page.getByLabel('New value of zones').fill('germany')
  await page.getByRole('button', { name: 'Set to germany' }).click()
  // First out of the route, then gone from the store and from the list, with nothing reloaded.
  await expect(page.getByRole('img', { name: 'Weights: edge 1, hpc 1' })).toBeVisible()
  await expect(page.locator('.sentence')).toHaveText(/^Master on hpc, in sync on edge. 2 replicas wanted, 1 placed/)
  await expect(page.getByRole('region', { name: 'Copies, table' }).getByRole('link', { name: 'cloud' })).toHaveCount(0)
})

test('lines to copy put an object and call a function, with the addresses of this fleet', async ({
  signedIn: page,
  demo,
}) => {
  await page.goto('/buckets/sensor-readings')
  const lines = page.getByRole('region', { name: 'Use it' }).locator('.cmd code')
  const edge = demo().stores.find(({ name }) => name === 'edge')?.endpoint
  await expect(lines.nth(0)).toHaveText(
    `curl --aws-sigv4 aws:amz:us-east-1:s3 --user "$ACCESS_KEY:$SECRET_KEY" -T hello.txt "${edge}/sensor-readings/hello.txt"`,
  )
  await expect(lines.nth(1)).toHaveText(
    `curl -i -H "X-FaDO-Bucket: sensor-readings" "${demo().ingress}/function/$NAME"`,
  )
})

test('more copies than there are clusters with a store are warned of before they are set', async ({
  signedIn: page,
}) => {
  await page.goto('/buckets/sensor-readings')
  await page.getByRole('button', { name: 'Edit target_replica_count' }).click()
  await page.getByLabel('New value of target_replica_count').fill('3')
  await expect(page.getByText('Only 2 other clusters have a store')).toBeVisible()
  await page.getByLabel('New value of target_replica_count').fill('2')
  await expect(page.getByText('Only 2 other clusters have a store')).toHaveCount(0)
})

test('a value that is refused says why in its row, and unset gives the fleet\u2019s value back', async ({
  signedIn: page,
  makeBucket,
}) => {
  const name = await makeBucket('refused', 'hpc', [{ name: 'max_staleness', value: 5 }])
  await page.goto(`/buckets/${name}`)
  await page.getByRole('button', { name: 'Edit zones' }).click()
  await page.getByLabel('New value of zones').fill('atlantis')
  await page.getByRole('button', { name: 'Set to' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('No cluster lies in atlantis')
  await page.getByRole('button', { name: 'Cancel' }).click()

  await page.getByRole('button', { name: 'Edit max_staleness' }).click()
  await page.getByRole('button', { name: /^unset/ }).click()
  await expect(page.getByRole('row', row(/^max_staleness 60.s default/))).toBeVisible()
})

test('an object that is put on the store appears, and is found by its prefix', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('objects', 'edge')
  await page.goto(`/buckets/${name}`)
  await expect(page.getByText('No object yet')).toBeVisible()
  await s3('edge').putObject(name, '2026/hello.txt', 'hello')
  await s3('edge').putObject(name, 'other.bin', 'x')
  const objects = page.getByRole('region', { name: 'Objects, table' })
  await expect(objects.getByRole('button', { name: '2026/' })).toBeVisible()
  await expect(objects.getByText('other.bin')).toBeVisible()
  await page.getByLabel('Filter objects by prefix').fill('2026/')
  await expect(objects.getByText('other.bin')).toHaveCount(0)
  await expect(objects.getByRole('row', row(/hello.txt 5.B/))).toBeVisible()
})

test('a route is overridden, and not any more', async ({ signedIn: page, makeBucket }) => {
  const name = await makeBucket('overridden', 'hpc', [{ name: 'target_replica_count', value: 1 }])
  await page.goto(`/buckets/${name}`)
  await expect(page.getByRole('img', { name: /^Weights: .*, / })).toBeVisible()
  await page.getByRole('button', { name: 'Override the route' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('every one that can serve it').uncheck()
  await form.getByLabel(/^(cloud|edge)/).uncheck()
  await form.getByRole('button', { name: 'Send calls to hpc' }).click()
  await expect(page.getByRole('img', { name: 'Weights: hpc 1' })).toBeVisible()
  await expect(page.getByText('your override')).toBeVisible()
  await page.getByRole('button', { name: 'End it' }).click()
  await expect(page.getByRole('img', { name: /^Weights: .*, / })).toBeVisible()
})

test('with first, clusters are asked in the order in which they are ticked', async ({ signedIn: page, makeBucket }) => {
  const name = await makeBucket('in-order', 'hpc', [{ name: 'replica_locations', value: ['edge'] }])
  await page.goto(`/buckets/${name}`)
  await expect(page.getByRole('img', { name: /^Weights: .*, / })).toBeVisible()
  await page.getByRole('button', { name: 'Override the route' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Spread by').selectOption('first')
  await expect(form.getByText("The master's is asked first")).toBeVisible()
  await form.getByLabel('every one that can serve it').uncheck()
  await form.getByLabel(/^hpc/).uncheck()
  await form.getByLabel(/^hpc/).check()
  await form.getByRole('button', { name: 'Send calls to edge, else hpc' }).click()
  await expect(page.getByRole('img', { name: 'Weights: edge 1' })).toBeVisible()
  await expect(page.getByText('asked while those before it do not answer')).toBeVisible()
})

test('a copy that was changed by others is shown with its cause, and is put right by one\u2019s word', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('conflict', 'hpc', [{ name: 'replica_locations', value: ['edge'] }])
  await s3('hpc').putObject(name, 'a.txt', 'ours')
  await page.goto(`/buckets/${name}`)
  await expect(page.locator('.sentence')).toHaveText('Master on hpc, in sync on edge.')
  await expect.poll(() => text(s3('edge'), name, 'a.txt')).toBe('ours')
  await s3('edge').putObject(name, 'a.txt', 'theirs')

  const compare = page.getByRole('button', { name: 'Resync the copy on edge' })
  await page.goto(`/buckets/${name}?resync=edge`) // as what needs attention links to it
  await page.getByRole('dialog').getByRole('button', { name: 'Resync', exact: true }).click()
  await expect(page.locator('.sentence')).toContainText('edge serves nothing')
  await compare.click()
  await page
    .getByRole('dialog')
    .getByLabel(/^Replace objects/)
    .check()
  await page.getByRole('dialog').getByRole('button', { name: 'Resync and replace' }).click()
  await expect(page.locator('.sentence')).toHaveText('Master on hpc, in sync on edge.')
  expect(await text(s3('edge'), name, 'a.txt')).toBe('ours')
})

test('a bucket is deleted only by who types its name', async ({ signedIn: page, makeBucket, s3 }) => {
  const name = await makeBucket('deleted', 'hpc', [{ name: 'target_replica_count', value: 1 }])
  await page.goto(`/buckets/${name}`)
  await page.getByRole('button', { name: 'Delete the bucket' }).click()
  const form = page.getByRole('dialog')
  const button = form.getByRole('button', { name: /^Delete/ })
  await expect(button).toBeDisabled()
  await form.getByLabel(/^Delete the data/).check()
  await form.getByLabel(/^Type/).fill(name)
  await button.click()
  await expect(page.getByText(`No bucket is called ${name}.`)).toBeVisible()
  expect(await s3('hpc').bucketExists(name)).toBe(false)
})

test('a bucket that is not there is said to be so', async ({ signedIn: page }) => {
  await page.goto('/buckets/never-was')
  await expect(page.getByText('No bucket is called never-was.')).toBeVisible()
})

async function text(store: Store, bucket: string, key: string): Promise<string | null> {
  const stream = await store.getObject(bucket, key).catch(() => null)
  if (stream === null) return null
  let all = ''
  for await (const chunk of stream) all += String(chunk)
  return all
}
