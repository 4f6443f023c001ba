import { axeFaults, deleteBucket, expect, fresh, type Store, test } from './console.ts'

const types = (type: string) => ({ 'Content-Type': type })
async function fill(store: Store, bucket: string, keys: readonly string[]): Promise<void> {
  await store.makeBucket(bucket)
  for (const key of keys) await store.putObject(bucket, key, `the ${key}`, undefined, types('text/plain'))
}
async function empty(store: Store, bucket: string): Promise<void> {
  for await (const { name } of store.listObjectsV2(bucket, '', true)) await store.removeObject(bucket, name)
  await store.removeBucket(bucket)
}

test('a bucket that is there already is found, adopted with its second copy, and that copy is let go with its data', async ({
  signedIn: page,
  api,
  s3,
}) => {
  const name = fresh('found')
  await fill(s3('hpc'), name, ['a', 'b'])
  await s3('hpc').setBucketVersioning(name, { Status: 'Enabled' })
  await fill(s3('edge'), name, ['a', 'b'])
  try {
    await page.goto('/buckets?create=1')
    await page.getByRole('dialog').getByRole('link', { name: 'buckets on hpc' }).click()
    const list = page.getByRole('region', { name: 'Buckets on hpc, table' })
    await expect(list.getByRole('row', { name: new RegExp(`^${name} .* 2 objects, 10 B`) })).toBeVisible()
    await expect(list.getByText('It keeps old versions: replicas get the current ones only.')).toBeVisible()
    await list.getByRole('button', { name: `Take under FaDO's care the bucket ${name}` }).click()
    const form = page.getByRole('dialog', { name: `Take ${name} under FaDO's care` })
    await expect(form).toContainText('nothing in it is changed')

    await form.getByLabel('edge').check()
    await expect(form.getByLabel('cloud'), 'a store without the bucket is not offered').toHaveCount(0)
    expect(await axeFaults(page)).toEqual([])
    await form.getByRole('button', { name: 'Adopt the bucket' }).click()
    await expect(page).toHaveURL(`/buckets/${name}`)
    await expect(page.locator('.sentence')).toHaveText('Master on hpc, in sync on edge.')

    const input = { scope: { bucket: name }, name: 'drain_delay', value: 0 }
    await api('mutation($input: PolicySetInput!) { policySet(input: $input) { __typename } }', { input })
    await page.getByRole('button', { name: 'Release the copy on edge' }).click()
    const release = page.getByRole('dialog', { name: 'Release the copy on edge' })
    await expect(release).toContainText('also no delete that waits')
    await release.getByRole('button', { name: 'Release it, keep its data' }).click()
    // Another store takes its place, for one copy is wanted.
    const copies = page.getByRole('region', { name: 'Copies, table' })
    await expect(copies.getByRole('link', { name: 'edge' })).toHaveCount(0)
    await expect(copies.getByRole('link', { name: 'cloud' })).toBeVisible()
    const left: string[] = []
    for await (const object of s3('edge').listObjectsV2(name, '', true)) left.push(object.name)
    expect(left).toEqual(['a', 'b'])
  } finally {
    await deleteBucket(api, name)
    await empty(s3('edge'), name)
  }
})

test('the form tells the zones of each store, and offers none that is silent or where data may not lie', async ({
  signedIn: page,
  api,
  s3,
}) => {
  const name = fresh('zoned')
  await fill(s3('hpc'), name, ['a'])
  await fill(s3('edge'), name, ['a'])
  const open = async () => {
    await page.goto('/clusters/hpc?buckets=hpc')
    await page.getByRole('button', { name: `Take under FaDO's care the bucket ${name}` }).click()
    return page.getByRole('dialog', { name: `Take ${name} under FaDO's care` })
  }
  const clusters = await api<{ clusters: { nodes: { name: string; zones: string[] }[] } }>(
    '{ clusters { nodes { name zones } } }',
  )
  const zones = Object.fromEntries(clusters.clusters.nodes.map((one) => [one.name, one.zones]))
  const only = zones['hpc']?.find((zone) => !zones['edge']?.includes(zone)) ?? ''
  let narrowed = false
  await page.route('**/graphql', async (route) => {
    const asked = route.request().postDataJSON() as { operationName?: string; variables?: { name?: string } }
    const isSilent = asked.operationName === 'StoreBucketNames' && asked.variables?.name === 'cloud'
    if (isSilent) await route.fulfill({ json: { data: { storageDeployment: null }, errors: [{ message: 'silent' }] } })
    else if (narrowed && asked.operationName === 'GlobalPolicies') {
      const answer = (await (await route.fetch()).json()) as {
        data: { globalPolicies: { name: string; value: unknown }[] }
      }
      for (const policy of answer.data.globalPolicies) if (policy.name === 'zones') policy.value = [only]
      await route.fulfill({ json: answer })
    } else await route.continue()
  })
  try {
    const form = await open()
    await expect(form.getByLabel('cloud')).toBeDisabled()
    await expect(form.getByText('does not answer now, so nobody knows what is there')).toBeVisible()
    await expect(form.getByLabel('edge')).toBeEnabled()
    await expect(form).toContainText(`in ${zones['edge']?.[0]}`)
    await expect(form.getByText('Adopt it there all the same.')).toHaveCount(0)
    narrowed = true
    await open()
    await expect(form.getByLabel('edge')).toBeDisabled()
    await expect(form.getByText(`its data may lie in ${only} only`).first()).toBeVisible()
    expect(await axeFaults(page)).toEqual([])
  } finally {
    for (const store of ['hpc', 'edge']) await empty(s3(store), name)
  }
})
