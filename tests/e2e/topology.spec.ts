import type { Page } from '@playwright/test'
import { letter } from '../../app/_lib/topology/ring-labels.ts'
import { madeFleet, showMadeFleet } from '../support/made-fleet.ts'
import { axeFaults, expect, test } from './console.ts'

const on = (page: Page, name: string) => page.locator(`.topo [data-cluster="${name}"]`)
const flow = (page: Page, id: string) => page.locator(`.topo [data-link="${id}"]`)
const answered = (page: Page, query: string) =>
  page.waitForResponse((response) => response.request().postData()?.includes(`query ${query}`) === true)

test('clusters are gone through by arrows, one is chosen by Enter, and its panel leads to its page', async ({
  signedIn: page,
}) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Topology' }).click()
  await expect(page.locator('.topo .cluster')).toHaveCount(3)
  const table = page.getByRole('region', { name: 'Clusters, table' })
  await expect(table.getByRole('row', { name: /^(healthy )?hpc/ })).toContainText('high-performance')

  await page.getByRole('checkbox', { name: 'Calls' }).focus()
  await page.keyboard.press('Tab')
  await expect(on(page, 'edge')).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(on(page, 'hpc')).toBeFocused()
  await expect(on(page, 'hpc')).toHaveAccessibleName(/^hpc: healthy, \d+ buckets, .*in eu, germany, high-performance$/)
  await expect(page.locator('.status')).toContainText('Its store hpc answers.')
  await page.keyboard.press('Enter')
  await expect(on(page, 'hpc')).toHaveAttribute('aria-pressed', 'true')
  await expect(page).toHaveURL(/cluster=hpc/)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('link', { name: 'Open the cluster' })).toHaveCount(0)
  await page.keyboard.press(' ')
  await page.getByRole('link', { name: 'Open the cluster' }).click()
  await expect(page).toHaveURL(/\/clusters\/hpc$/)
})

test('a bucket is chosen by its name: its copies, where its calls may go, and what waits while it is paused', async ({
  signedIn: page,
  api,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('ringed', 'edge', [{ name: 'replica_locations', value: ['hpc'] }])
  await page.goto('/topology')
  await page.getByRole('combobox', { name: 'Bucket' }).fill(name)
  await page.keyboard.press('Enter')
  await expect(on(page, 'edge')).toHaveAccessibleName(/^edge: master, weight \d+ of \d+$/)
  await expect(on(page, 'hpc')).toHaveAccessibleName(/^hpc: in sync, weight \d+ of \d+$/)
  await expect(on(page, 'cloud')).toHaveAccessibleName('cloud: no copy, no calls')
  await expect(on(page, 'cloud')).toHaveClass(/faded/)
  await expect(page.locator('.topo .called')).toHaveCount(2)
  await expect(page.locator('.topo .flow')).toHaveCount(1)

  const order = (what: string) =>
    api(`mutation ($input: ReplicationScopeInput!) { replication${what}(input: $input) { __typename } }`, {
      input: { bucket: name },
    })
  await order('Pause')
  await s3('edge').putObject(name, 'late', 'xyz')
  await expect(on(page, 'hpc')).toHaveAccessibleName(/^hpc: .* behind/)
  await page.reload()
  await expect(flow(page, 'edge -> hpc')).toHaveClass(/paused/)
  const links = page.getByRole('region', { name: 'Links' })
  await expect(links.getByRole('row', { name: /edge to hpc/ })).toContainText('1 object')
  await order('Resume')
  await expect(on(page, 'hpc')).toHaveAccessibleName(/^hpc: in sync/)

  await page.getByRole('link', { name: 'Open the bucket' }).click()
  await expect(page).toHaveURL(new RegExp(`/buckets/${name}$`))
  await page.goto('/topology?bucket=never-was')
  await expect(page.getByText('No bucket is called never-was.')).toBeVisible()
})

test('calls stand outside of the ring, of all buckets or of the one that is chosen, and can be put away', async ({
  signedIn: page,
  demo,
  makeBucket,
}) => {
  const bucket = await makeBucket('rung', 'hpc', [{ name: 'target_replica_count', value: 0 }])
  const call = () => fetch(`${demo().ingress}/function/resize`, { headers: { 'x-fado-bucket': bucket } })
  await expect.poll(async () => (await call()).status).toBe(200)
  await page.goto(`/topology?bucket=${bucket}`)
  for (let n = 0; n < 20; n++) await call()
  const calls = page.locator('.topo path.calls:not(.failed)')
  await expect(calls).toHaveCount(1)
  await expect(on(page, 'hpc').locator('.calls').first()).toBeVisible()
  const table = page.getByRole('region', { name: 'Clusters, table' })
  await expect(table.getByRole('row', { name: /hpc/ })).toContainText(/\d\/s, 95\s% within/)
  await on(page, 'hpc').focus()
  await expect(page.locator('.status')).toContainText(/Calls: [\d.]+\/s/)
  await page.getByRole('checkbox', { name: 'Calls' }).click()
  await expect(calls).toHaveCount(0)
  await expect(page).toHaveURL(/calls=off/)
})

test('a link that is paused says so on the ring within its round, and nothing is drawn anew for it', async ({
  signedIn: page,
  api,
  makeBucket,
}) => {
  await makeBucket('still', 'cloud', [{ name: 'replica_locations', value: ['hpc'] }])
  await page.goto('/topology')
  await expect(flow(page, 'cloud -> hpc')).toBeAttached()
  const kept = await on(page, 'hpc').elementHandle()
  const shape = await on(page, 'hpc').locator('.seg').getAttribute('d')
  const order = (what: string) =>
    api(`mutation ($input: ReplicationScopeInput!) { replication${what}(input: $input) { __typename } }`, {
      input: { link: { from: 'cloud', to: 'hpc' } },
    })
  await order('Pause')
  await expect(flow(page, 'cloud -> hpc')).toHaveClass(/paused/)
  await page.getByRole('button', { name: 'cloud to hpc' }).click()
  await expect(page.getByText('The copying from cloud to hpc is paused.').first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'Open Replication' })).toBeVisible()
  await order('Resume')
  await expect(flow(page, 'cloud -> hpc')).not.toHaveClass(/paused/)
  await answered(page, 'RingLinks')
  expect(await kept?.evaluate((one) => one.isConnected)).toBe(true)
  expect(await on(page, 'hpc').locator('.seg').getAttribute('d')).toBe(shape)
})

test('fifty clusters: every name is there and within its place, and who is pointed at shows its links only', async ({
  signedIn: page,
}) => {
  const fleet = madeFleet(50)
  await showMadeFleet(page, fleet)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto('/topology')
  await expect(page.locator('.topo .name')).toHaveCount(50)
  await page.evaluate(() => document.fonts.ready)
  const lengths = await page
    .locator('.topo .name')
    .evaluateAll((all) =>
      all.map((one) => [one.textContent?.length ?? 0, (one as SVGTextElement).getComputedTextLength()]),
    )
  for (const [letters = 0, wide = 0] of lengths) expect(wide).toBeLessThanOrEqual(letters * letter)

  const one = page.locator('.topo .cluster').nth(9)
  const name = await one.getAttribute('data-cluster')
  await one.locator('.seg').hover()
  await expect(page.locator('.topo .cluster.faded').first()).toBeAttached()
  const clear = await page
    .locator('.topo .flow:not(.faded)')
    .evaluateAll((all) => all.map((flow) => flow.getAttribute('data-link') ?? ''))
  expect(clear.length).toBeGreaterThan(0)
  for (const link of clear) expect(link.split(' -> ')).toContain(name)

  await page.getByRole('combobox', { name: 'zone' }).selectOption('gpu')
  const table = page.getByRole('region', { name: 'Clusters, table' })
  await expect(table.locator('tbody tr')).toHaveCount(10)
  await page.getByRole('combobox', { name: 'zone' }).selectOption('')
  await expect(table.locator('tbody tr')).toHaveCount(50)
  for (const width of [1440, 960, 390]) {
    await page.setViewportSize({ width, height: 900 })
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await expect.poll(over, `wider than ${width} px`).toBeLessThanOrEqual(0)
  }
  expect(await axeFaults(page)).toEqual([])
})

test('what moves stands still for who asked for that', async ({ signedIn: page }) => {
  await showMadeFleet(page, madeFleet(8))
  await page.goto('/topology')
  const dash = page.locator('.topo .flow .dash').first()
  await expect(dash).toHaveCSS('animation-name', 'flow')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await expect(dash).toHaveCSS('display', 'none')
})

test('a topology that cannot be read says so, and is tried again', async ({ signedIn: page }) => {
  let broken = true
  await page.route('**/graphql', async (route) => {
    const isAsked = route.request().postData()?.includes('query RingClusters') === true
    const errors = [{ message: 'The clusters are out of reach', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]
    if (broken && isAsked) await route.fulfill({ json: { data: null, errors } })
    else await route.continue()
  })
  await page.goto('/topology')
  const again = page.getByRole('button', { name: 'Try now' })
  await expect(again).toBeVisible()
  await expect(page.locator('.topo')).toHaveCount(0)
  await Promise.all([answered(page, 'RingClusters'), again.click()])
  broken = false // it is tried again by itself, too
  await expect(page.locator('.topo .cluster')).toHaveCount(3)
})
