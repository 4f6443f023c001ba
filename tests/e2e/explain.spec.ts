import { axeFaults, expect, test } from './console.ts'

test('a call is typed, and each cluster falls away at the rule that stops it', async ({
  signedIn: page,
  makeBucket,
}) => {
  const bucket = await makeBucket('explained', 'hpc', [
    { name: 'zones', value: ['germany'] },
    { name: 'target_replica_count', value: 0 },
  ])
  await page.goto(`/buckets/${bucket}`)
  await page.getByRole('link', { name: 'Explain a call' }).click()
  const section = page.getByRole('region', { name: 'Explain a call' })
  await expect(section.getByLabel('X-FaDO-Bucket')).toHaveValue(bucket)
  await expect(section.getByRole('status')).toHaveText('This call goes to hpc, spread by round_robin.')
  const lines = section.getByRole('region', { name: 'Candidates, table' })
  await expect(lines.getByRole('row', { name: /^hpc/ })).toContainText('gets calls')
  await expect(lines.getByRole('row', { name: /^cloud/ })).toContainText('cloud has no copy: lies in')
  await expect(lines.getByRole('row', { name: /^edge/ })).toContainText('edge has no copy: no replica is wanted')
  await expect(section.getByText(/^[\w-]{16};round_robin;try=1$/)).toBeVisible()

  await section.getByLabel('Path').fill('/function/../x')
  await expect(section.getByRole('status')).toContainText('Envoy answers 404 by itself. Calls go to /function/<name>')
  await section.getByLabel('Path').fill('x')
  await expect(section.getByRole('alert')).toContainText('must begin with /')
  await expect(section.getByText(/^curl -i/)).toHaveCount(0)
  await section.getByLabel('Path').fill('/function/resize')
  await section.getByLabel('X-FaDO-Bucket').fill('nowhere')
  await expect(section.getByRole('status')).toContainText('Envoy answers 404 by itself. No bucket has the name')
  await section.getByLabel('X-FaDO-Bucket').fill('')
  await expect(section.getByRole('status')).toContainText('Envoy answers 400 by itself.')
  await expect(section.getByText(/^curl -i "http/)).toBeVisible()

  await section.getByLabel('X-FaDO-Bucket').fill(bucket)
  await section.getByLabel('Other headers').fill('upgrade')
  await expect(section.getByRole('alert')).toHaveText('Write NAME: VALUE, not upgrade.')
  await section.getByLabel('Other headers').fill('connection: upgrade\nupgrade: spdy')
  await expect(section.getByRole('status')).toContainText('Envoy answers 403 by itself. Upgrades to spdy')
  await expect(section.getByText('-H "upgrade: spdy" "http')).toBeVisible()
})

test('a call that was made before is explained by its x-fado-decision, at an address that can be shared', async ({
  signedIn: page,
  makeBucket,
  demo,
}) => {
  const bucket = await makeBucket('decided', 'hpc', [
    { name: 'zones', value: ['germany'] },
    { name: 'target_replica_count', value: 0 },
  ])
  const decisionOf = async () => {
    const { headers } = await fetch(`${demo().ingress}/function/echo`, { headers: { 'x-fado-bucket': bucket } })
    return headers.get('x-fado-decision')
  }
  await expect.poll(decisionOf, { timeout: 10_000 }).toMatch(/;round_robin;try=1$/)
  const decision = (await decisionOf()) ?? ''

  await page.goto('/routing')
  const section = page.getByRole('region', { name: 'Explain a call' })
  await expect(section.getByText('Name a bucket to see which function deployments')).toBeVisible()
  await expect(section.getByText('nothing is called')).toBeVisible()
  await section.getByRole('link', { name: 'Made before' }).click()
  await expect(section.getByText('nothing is called')).toHaveCount(0)
  await expect(section.getByText(/^Local time: .+ Empty: the last time that calls went so\.$/)).toBeVisible()
  await expect(section.getByText('Put it here to see what was decided')).toBeVisible()
  await section.getByLabel('Decision').fill('photos')
  await expect(section.getByRole('alert')).toContainText('must be the x-fado-decision of an answer')
  await section.getByLabel('Decision').fill('AAAAAAAAAAAAAAAA;round_robin;try=1')
  await expect(section.getByRole('alert')).toContainText('No such decision is kept. Decisions are kept for 30 days')
  await section.getByLabel('Decision').fill(decision)
  await section.getByLabel('Bucket').fill(bucket)
  await expect(section.getByRole('status')).toContainText(
    `Calls of ${bucket} went to hpc, spread by round_robin, since`,
  )
  await expect(section.getByText('Anybody might call. Users have changed neither')).toBeVisible()
  const lines = section.getByRole('region', { name: 'Candidates, table' })
  await expect(lines.getByRole('row', { name: /^hpc/ })).toContainText('might get calls')
  await expect(lines.getByRole('row', { name: /^cloud/ })).toContainText('cloud has no copy: lies in')
  const policies = section.getByRole('region', { name: 'Policies then, table' })
  await expect(policies.getByRole('row', { name: /^zones germany/ })).toContainText('bucket')
  await expect(policies.getByRole('row', { name: /^lb_policy/ })).toContainText('default')
  await expect(section.getByText('All functions of hpc were well all the time, by their probes.')).toBeVisible()
  await expect(page).toHaveURL(
    new RegExp(`\\?decision=${decision.slice(0, 16)}%3Bround_robin%3Btry%3D1&bucket=${bucket}`),
  )

  expect(await axeFaults(page)).toEqual([])

  await section.getByLabel('When').fill('2020-01-01T12:00:00')
  await expect(section.getByRole('alert')).toContainText(`No such decision about the bucket ${bucket}, made by 2020`)
  await page.goto(`/routing?decision=${encodeURIComponent(decision)}&bucket=${bucket}`)
  await expect(section.getByLabel('Decision')).toHaveValue(decision)
  await expect(section.getByRole('status')).toContainText(`Calls of ${bucket} went to hpc`)
})

test('a call leads to what was decided of it; while an answer is on its way that is said', async ({
  signedIn: page,
  makeBucket,
}) => {
  const bucket = await makeBucket('asked', 'hpc')
  await page.goto(`/routing?bucket=${bucket}`)
  const section = page.getByRole('region', { name: 'Explain a call' })
  await section.getByRole('link', { name: /;round_robin;try=1$/ }).click()
  await expect(section.getByLabel('Bucket')).toHaveValue(bucket)
  await expect(section.getByRole('status')).toContainText(`Calls of ${bucket} went to`)

  await section.getByRole('link', { name: 'Made now' }).click()
  await expect(section.getByText(/^curl -i/)).toBeVisible()
  const held = Promise.withResolvers<void>()
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('explainRequest')) await held.promise
    await route.continue()
  })
  await section.getByLabel('Path').fill('/function/blur')
  await expect(section.getByText('asking…')).toBeVisible()
  held.resolve()
  await expect(section.getByText('asking…')).toHaveCount(0)
  await expect(section.getByText(/^curl -i .*\/function\/blur"$/)).toBeVisible()
})

test('a call that is being typed stays while the lists beside it cannot be read', async ({
  signedIn: page,
  makeBucket,
}) => {
  const bucket = await makeBucket('typed', 'hpc')
  await page.goto('/routing')
  await expect(page.getByRole('region', { name: 'Routes' }).first()).toBeVisible()
  const section = page.getByRole('region', { name: 'Explain a call' })
  await section.getByLabel('X-FaDO-Bucket').fill(bucket)
  await section.getByLabel('Path').fill('/function/blur')
  const refused = { json: { data: null, errors: [{ message: 'too busy', extensions: { code: 'INTERNAL' } }] } }
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query BucketList')) return route.continue()
    await route.fulfill(refused)
  })
  await page.evaluate(() => window.history.pushState(null, '', '/routing?after=none'))
  await expect(page.getByText('The routes could not be read.')).toBeVisible()
  await expect(section.getByLabel('Path')).toHaveValue('/function/blur')
  await expect(section.getByRole('status')).toHaveText('This call goes to hpc, spread by round_robin.')
})
