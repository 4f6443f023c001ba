import { expect, test } from './console.ts'

test('calls of the last minute are on the pages of bucket, cluster and fleet: how many, how fast, whose errors', async ({
  signedIn: page,
  demo,
  makeBucket,
}) => {
  const bucket = await makeBucket('called', 'hpc', [{ name: 'target_replica_count', value: 0 }])
  const call = (path: string) => fetch(`${demo().ingress}${path}`, { headers: { 'x-fado-bucket': bucket } })
  await expect.poll(async () => (await call('/function/first')).status).toBe(200)
  await page.goto(`/buckets/${bucket}`)
  const calls = page.getByRole('region', { name: 'Calls' })
  for (let n = 0; n < 30; n++) await call('/function/resize')
  await call('/elsewhere')
  const table = calls.getByRole('region', { name: 'Calls by function, table' })
  await expect(table.getByRole('row', { name: /^resize Cluster hpc At \S+ Calls 0\.5\/s p50 \d+.ms/ })).toBeVisible()
  await expect(calls.getByRole('img', { name: 'Calls taken: hpc 100' })).toBeVisible()
  await expect(calls.getByRole('img', { name: /^Calls in the last minute: at most [\d.]+\/s$/ })).toBeVisible()
  await expect(calls.getByText('refused')).toBeVisible()
  await expect(calls.getByText('errors of')).toHaveCount(0)

  await page.goto('/clusters/hpc')
  await expect(calls.getByRole('row', { name: /^resize/ })).toBeVisible()
  await page.goto('/')
  await expect(calls.getByRole('img', { name: /^Calls taken:.*hpc \d/ })).toBeVisible()
})

test('a bucket whose calls nobody takes is red wherever somebody looks, and is not once its functions are back', async ({
  signedIn: page,
  api,
  demo,
  makeBucket,
}) => {
  const bucket = await makeBucket('unanswered', 'edge', [{ name: 'target_replica_count', value: 0 }])
  const call = async () =>
    (await fetch(`${demo().ingress}/function/f`, { headers: { 'x-fado-bucket': bucket } })).status
  await expect.poll(call).toBe(200)
  const pid = demo().functions.find(({ cluster }) => cluster === 'edge')?.pid
  if (!pid) throw new Error('the demo has no functions of edge')
  const copies = page.getByRole('region', { name: 'Copies, table' })
  const patience = { scope: { global: true }, name: 'failback_after' }
  await page.goto('/')
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(page.getByText(/^Functions of edge do not answer/)).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText(`Nobody else takes the calls of ${bucket}: they get 503.`)).toBeVisible()
    await expect(page.getByRole('img', { name: 'its calls get 503' }).first()).toBeVisible()
    expect(await call()).toBe(503)
    await page.goto(`/buckets/${bucket}`)
    await expect(copies.getByText('no: its functions do not answer')).toBeVisible()
    await expect(page.locator('.sentence')).toContainText('No functions of edge answer: calls get 503.')
    await page.goto(`/topology?bucket=${bucket}`)
    await expect(page.locator('.sentence')).toContainText('No functions of edge answer: calls get 503.')
    await page.goto('/routing')
    await expect(page.getByRole('row', { name: new RegExp(bucket) })).toContainText('edge (does not answer)')
    await api('mutation($input: PolicySetInput!) { policySet(input: $input) { __typename } }', {
      input: { ...patience, value: 0 },
    })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await page.goto(`/buckets/${bucket}`)
  await expect(copies.getByText('yes')).toBeVisible()
  await expect(page.locator('.sentence')).not.toContainText('503')
  await page.goto('/')
  await expect(page.getByRole('row', { name: /^healthy edge/ })).toBeVisible()
  await expect(page.getByText(/^Functions of edge do not answer/)).toHaveCount(0)
  await api('mutation($input: PolicyUnsetInput!) { policyUnset(input: $input) { __typename } }', { input: patience })
})
