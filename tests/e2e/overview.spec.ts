import { deleteBucket, expect, test } from './console.ts'

test('the fleet is said in one sentence, then shown: clusters, buckets, what needs a person', async ({
  signedIn: page,
}) => {
  await page.goto('/')
  await expect(page.locator('.sentence')).toContainText(/buckets? (are|is) where/)
  await expect(page.locator('.totals')).toContainText('known change missing anywhere')
  const clusters = page.getByRole('region', { name: 'Clusters, table' })
  for (const name of ['hpc', 'edge', 'cloud']) await expect(clusters.getByRole('link', { name })).toBeVisible()
  const row = page.getByRole('row', { name: /patient-scans/ })
  await expect(row.getByRole('img', { name: 'hpc: master' })).toBeVisible()
  await expect(row.getByRole('img', { name: 'cloud: forbidden by zone' })).toBeVisible()
  await expect(page.locator('.legend')).toHaveText(/master.*in sync.*forbidden by zone/)
  await expect(page.getByRole('heading', { name: 'Needs attention' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Moving now' })).toBeVisible()
})

test('an empty fleet is shown the way to the first call, with the address to call', async ({
  signedIn: page,
  demo,
}) => {
  await page.route('**/graphql', async (route) => {
    const answer = await route.fetch()
    const text = (await answer.text()).replace(
      /"nodes":\[.*?\](?=,"__typename":"(Cluster|Bucket)Connection")/g,
      '"nodes":[]',
    )
    await route.fulfill({ response: answer, body: text })
  })
  await page.goto('/')
  await expect(page.locator('.cmd code')).toHaveText(
    `curl -i -H "X-FaDO-Bucket: $BUCKET" "${demo().ingress}/function/$NAME"`,
  )
  await page.getByRole('link', { name: 'Buckets', exact: true }).click()
  await expect(page.getByText('No bucket yet.')).toBeVisible()
  await expect(page.locator('.btn.primary')).toHaveCount(1)
  await page.goto('/buckets?create=1') // as other screens link to it
  const form = page.getByRole('dialog', { name: 'Create a bucket' })
  await expect(form.getByText('There is no cluster yet.')).toBeVisible()
  await expect(form.getByRole('link', { name: 'Add a cluster first' })).toHaveAttribute('href', '/clusters?add=1')
  await page.unrouteAll({ behavior: 'wait' }) // what the page still asks for is answered before the test ends
})

test('a fleet whose only cluster has no store is shown the way to one', async ({ signedIn: page }) => {
  type Node = { name?: string; storageDeployments?: readonly unknown[] }
  type Nodes = { nodes: readonly Node[]; totalCount?: number }
  type Answer = { data?: Record<'all' | 'clusters' | 'buckets', Nodes | undefined> }
  const bare = ({ data }: Answer) => {
    const { all, clusters, buckets } = data ?? {}
    if (all) Object.assign(all, { nodes: [], totalCount: 0 })
    if (clusters) clusters.nodes = clusters.nodes.filter(({ name }) => name === 'hpc')
    for (const one of clusters?.nodes ?? []) one.storageDeployments = []
    if (buckets) buckets.nodes = []
  }
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as Answer
    bare(answer)
    await route.fulfill({ response, json: answer })
  })
  const way = page.getByRole('link', { name: 'Add a store first' })
  await page.goto('/buckets')
  await expect(page.getByText('The cluster hpc has no store yet.')).toBeVisible()
  await expect(way).toHaveAttribute('href', '/clusters/hpc?add-store=1')
  await page.goto('/')
  const why = page.getByText('The cluster hpc has no store yet.')
  await expect(why).toBeVisible()
  const [text, button] = [await why.boundingBox(), await way.boundingBox()]
  expect(button?.y, 'the button stands clear of the text').toBeGreaterThan((text?.y ?? 0) + (text?.height ?? 0) + 4)
  await page.goto('/buckets?create=1')
  const form = page.getByRole('dialog', { name: 'Create a bucket' })
  await expect(form.getByLabel('Master store')).toHaveAccessibleDescription(/The cluster hpc has no store yet\./)
  await form.getByRole('link', { name: 'Add a store first' }).click()
  await expect(page.getByRole('dialog', { name: 'Add a store to hpc' })).toBeVisible()
  await page.unrouteAll({ behavior: 'wait' })
})

test('a bucket that appears, and one that is gone, is seen without a reload', async ({
  signedIn: page,
  api,
  makeBucket,
}) => {
  await page.goto('/')
  await expect(page.getByRole('row', { name: /patient-scans/ })).toBeVisible()
  const name = await makeBucket('appears', 'hpc')
  const row = page.getByRole('row', { name: new RegExp(name) })
  await expect(row.getByRole('img', { name: 'hpc: master' })).toBeVisible()
  await deleteBucket(api, name)
  await expect(row).toHaveCount(0)
})

test('a store that hangs is told with what it does to the fleet, comes back with patience, and is forgotten then', async ({
  signedIn: page,
  api,
  demo,
}) => {
  await page.goto('/')
  const clusters = page.getByRole('region', { name: 'Clusters, table' })
  await expect(clusters.getByRole('row', { name: /^healthy cloud/ })).toBeVisible()
  const pid = demo().stores.find(({ name }) => name === 'cloud')?.pid
  if (!pid) throw new Error('the demo has no store cloud')
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(page.getByText('Store cloud is down for')).toBeVisible({ timeout: 30_000 })
    await expect(clusters.getByRole('row', { name: /^down cloud.* down for/ })).toBeVisible()
    await expect(page.getByRole('img', { name: 'cloud: store unreachable' }).first()).toBeVisible()
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await expect(clusters.getByRole('row', { name: /^coming back cloud/ })).toBeVisible({ timeout: 20_000 })
  const patience = { scope: { global: true }, name: 'failback_after' }
  await api('mutation($input: PolicySetInput!) { policySet(input: $input) { __typename } }', {
    input: { ...patience, value: 0 },
  })
  await expect(clusters.getByRole('row', { name: /^healthy cloud/ })).toBeVisible({ timeout: 20_000 })
  await page.goto('/clusters/cloud')
  const history = page.getByRole('region', { name: 'Changes of health' })
  await expect(history.getByRole('row').nth(1)).toContainText('healthy')
  await expect(history.getByRole('row').nth(2)).toContainText('coming back')
  await expect(history.getByRole('row').nth(3)).toContainText('down')
  await page.goto('/')
  await api('mutation($input: PolicyUnsetInput!) { policyUnset(input: $input) { __typename } }', { input: patience })
  await expect(page.getByText('Store cloud is down')).toHaveCount(0)
})
