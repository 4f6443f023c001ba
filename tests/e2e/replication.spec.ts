import { expect, test } from './console.ts'

test('a link that is paused says so with what waits for it, and a resume brings it over', async ({
  signedIn: page,
  api,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('waits', 'edge', [{ name: 'replica_locations', value: ['hpc'] }])
  await s3('edge').putObject(name, 'first', 'x')
  await expect
    .poll(async () => {
      const answer = await api<{ awaitReplicated: { done: boolean } }>(
        'query ($input: AwaitReplicatedInput!) { awaitReplicated(input: $input) { done } }',
        { input: { bucket: name, key: 'first', replicas: 1, timeoutSeconds: 5 } },
      )
      return answer.awaitReplicated.done
    })
    .toBe(true)
  await page.goto('/')
  await page.getByRole('link', { name: 'Replication' }).click()
  await expect(page.getByRole('heading', { name: 'Links' })).toBeVisible()
  const idle = page.getByRole('button', { name: /idle link/ })
  await idle.click()
  const link = page.getByRole('region', { name: 'Links, table' }).getByRole('row', { name: /edge to hpc/ })
  await link.getByRole('button', { name: /^Pause/ }).click()
  await expect(page.getByText('Paused by admin')).toBeVisible()

  await s3('edge').putObject(name, 'second', 'xy')
  const waiting = page.getByRole('region', { name: 'Waiting, table' })
  await expect(waiting.getByRole('row', { name: new RegExp(name) })).toBeVisible()
  await expect(waiting.getByText('The link edge -> hpc is paused until somebody resumes it.')).toBeVisible()

  await link.getByRole('button', { name: /^Resume/ }).click()
  await expect(waiting.getByRole('row', { name: new RegExp(name) })).toHaveCount(0)
  await expect(page.getByText('Paused by admin')).toHaveCount(0)
})

test('a bucket is paused and resumed on its page', async ({ signedIn: page, makeBucket }) => {
  const name = await makeBucket('held', 'edge')
  await page.goto(`/buckets/${name}`)
  await page.getByRole('button', { name: `Pause the copying of ${name}` }).click()
  await expect(page.getByText(/Paused by admin/)).toBeVisible()
  await page.getByRole('button', { name: `Resume the copying of ${name}` }).click()
  await expect(page.getByText('Changes go to every replica as they come.')).toBeVisible()
})

test('links that cannot be read are said to be so, and tried again', async ({ signedIn: page }) => {
  let broken = true
  await page.route('**/graphql', async (route) => {
    const asksLinks = route.request().postData()?.includes('ReplicationLinks') === true
    const errors = [{ message: 'The links are out of reach', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]
    if (broken && asksLinks) await route.fulfill({ json: { data: null, errors } })
    else await route.continue()
  })
  await page.goto('/replication')
  await expect(page.getByRole('heading', { name: 'Links' })).toHaveCount(0)
  const again = page.getByRole('button', { name: 'Try now' })
  await expect(again).toBeVisible()
  broken = false
  await again.click()
  await expect(page.getByRole('heading', { name: 'Links' })).toBeVisible()
})

test('how copying went stands on the bucket page and on the screen of links, and how late changes came', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('told', 'edge', [{ name: 'replica_locations', value: ['hpc'] }])
  await page.goto(`/buckets/${name}`)
  const history = page.getByRole('region', { name: 'History, table' })
  const first = history.getByRole('row', { name: /first copy on hpc/ })
  await expect(first).toContainText('done', { timeout: 20_000 })
  await s3('edge').putObject(name, 'k', 'x')
  await expect(page.getByText('The one change this month came within 15', { exact: false })).toBeVisible({
    timeout: 20_000,
  })
  await expect(page.getByRole('progressbar', { name: 'changes that came to hpc on time' })).toBeVisible()
  await page.goto('/replication')
  await expect(page.getByRole('heading', { name: 'History' })).toBeVisible()
  await expect(history.getByRole('row', { name: new RegExp(name) }).first()).toContainText('first copy')
})
