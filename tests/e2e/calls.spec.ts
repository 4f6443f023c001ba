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
  await expect(table.getByRole('row', { name: /^resize hpc \S+ 0\.5\/s \d+.ms/ })).toBeVisible()
  await expect(calls.getByRole('img', { name: 'Calls taken: hpc 100' })).toBeVisible()
  await expect(calls.getByRole('img', { name: /^Calls in the last minute: at most [\d.]+\/s$/ })).toBeVisible()
  await expect(calls.getByText("errors of FaDO's")).toBeVisible()

  await page.goto('/clusters/hpc')
  await expect(calls.getByRole('row', { name: /^resize/ })).toBeVisible()
  await page.goto('/')
  await expect(calls.getByRole('img', { name: /^Calls taken:.*hpc \d/ })).toBeVisible()
})
