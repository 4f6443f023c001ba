import { expect, test } from './console.ts'

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
  await section.getByLabel('Path').fill('/function/resize')
  await section.getByLabel('X-FaDO-Bucket').fill('nowhere')
  await expect(section.getByRole('status')).toContainText('Envoy answers 404 by itself. No bucket has the name')
  await section.getByLabel('X-FaDO-Bucket').fill('')
  await expect(section.getByRole('status')).toContainText('Envoy answers 400 by itself.')
  await expect(section.getByText(/^curl -i "http/)).toBeVisible()
})
