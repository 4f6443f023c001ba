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

test('a bucket is paused and resumed on its page, and what its copy lacks gets older meanwhile', async ({
  signedIn: page,
  makeBucket,
  s3,
}) => {
  const name = await makeBucket('held', 'edge', [{ name: 'replica_locations', value: ['hpc'] }])
  await page.goto(`/buckets/${name}`)
  await page.getByRole('button', { name: `Pause the copying of ${name}` }).click()
  await expect(page.getByText(/Paused by admin/)).toBeVisible()
  await s3('edge').putObject(name, 'late', 'x')
  const age = page.getByRole('region', { name: 'Copies, table' }).getByText(/^\d+\s*s behind$/)
  const seconds = async () => Number.parseInt((await age.textContent()) ?? '', 10)
  const first = await seconds()
  await expect.poll(seconds).toBeGreaterThan(first + 5)
  await page.getByRole('button', { name: `Resume the copying of ${name}` }).click()
  await expect(page.getByText('Not paused: changes go to every replica as its link lets them.')).toBeVisible()
})

test('links that cannot be read are said to be so, and tried again', async ({ signedIn: page }) => {
  let broken = true
  let asked = 0
  await page.route('**/graphql', async (route) => {
    const asksLinks = route.request().postData()?.includes('ReplicationLinks') === true
    const errors = [{ message: 'The links are out of reach', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]
    if (asksLinks) asked++
    if (broken && asksLinks) await route.fulfill({ json: { data: null, errors } })
    else await route.continue()
  })
  await page.goto('/replication')
  await expect(page.getByRole('heading', { name: 'Links' })).toHaveCount(0)
  const again = page.getByRole('button', { name: 'Try now' })
  await expect(again).toBeVisible()
  const before = asked
  await again.click()
  await expect.poll(() => asked).toBeGreaterThan(before)
  broken = false // it is tried again by itself, too
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

test('the window of a cluster is set on its page, refused with what is wrong, and told with its links', async ({
  signedIn: page,
  makeBucket,
}) => {
  await makeBucket('windowed', 'edge', [{ name: 'replica_locations', value: ['hpc'] }])
  await page.goto('/clusters/hpc')
  const policies = page.getByRole('region', { name: 'Policies, table' })
  const set = async (name: string, value: string) => {
    await page.getByRole('button', { name: `Edit ${name}` }).click()
    await page.getByLabel(`New value of ${name}`).fill(value)
    await page.keyboard.press('Enter')
  }
  const unset = async (name: string) => {
    await page.getByRole('button', { name: `Edit ${name}` }).click()
    await page.getByRole('button', { name: /^unset/ }).click()
  }
  // Other tests copy over these links: by then as much may pass outside of the window as they need.
  await set('bandwidth_outside_window', '1000000000000')
  await expect(policies.getByRole('row', { name: /^bandwidth_outside_window 1.000.000.000.000/ })).toContainText(
    'cluster',
  )
  await set('replication_window', 'at night')
  await expect(page.getByRole('main').getByRole('alert')).toContainText('which is not a time such as 22:00-06:00')
  const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')
  await page.getByLabel('New value of replication_window').fill(`${hour}:00 - ${hour}:30`)
  await page.keyboard.press('Enter')
  await expect(
    policies.getByRole('row', { name: new RegExp(`^replication_window ${hour}:00-${hour}:30 UTC`) }),
  ).toBeVisible()

  await page.goto('/replication')
  await page.getByRole('button', { name: /idle link/ }).click()
  const links = page.getByRole('region', { name: 'Links, table' })
  await expect(links.getByText(`The window of hpc is closed until ${hour}:00 (UTC).`).first()).toBeVisible()

  await page.goto('/clusters/hpc')
  await unset('replication_window')
  await expect(policies.getByRole('row', { name: /^replication_window always/ })).toBeVisible()
  await unset('bandwidth_outside_window')
  await expect(policies.getByRole('row', { name: /^bandwidth_outside_window nothing/ })).toBeVisible()
})
