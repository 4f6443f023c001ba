import { axeFaults, expect, fresh, test } from './console.ts'

/** What a screen offers to change something. */
const acts = /^(Create a bucket|Create a caller|Add |Edit|Change |Remove|Delete|Override the route|Resync|Credentials)/

test('who may only read is told who it is, and offered nothing that would be refused', async ({
  page,
  api,
  clean: _,
}) => {
  const name = fresh('wall')
  const made = await api<{ tokenCreate: { secret: string; token: { id: string } } }>(
    `mutation($input: TokenCreateInput!) { tokenCreate(input: $input) {
       ... on TokenCreatePayload { secret token { id } } } }`,
    { input: { name, role: 'VIEWER' } },
  )
  await page.request.post('/api/session', { data: { token: made.tokenCreate.secret } })
  let seen = 0
  for (const path of ['/buckets', '/buckets/patient-scans', '/clusters', '/clusters/hpc', '/policies', '/settings']) {
    await page.goto(path)
    await expect(page.getByRole('banner')).toContainText(`${name}, viewer: reads only`)
    const buttons = page.getByRole('main').getByRole('button', { name: acts })
    await buttons.first().waitFor()
    for (const button of await buttons.all()) {
      seen += 1
      await expect(button).toBeDisabled()
      await expect(button).toHaveAttribute(
        'title',
        `You are signed in with the token ${name}, whose role viewer only reads.`,
      )
    }
  }
  expect(seen).toBeGreaterThan(15)
  await page.goto('/buckets?create=1') // by its address
  const form = page.getByRole('dialog')
  await expect(form.getByRole('button', { name: 'Create' })).toBeDisabled()
  await expect(form).toContainText('only reads')
  expect(await axeFaults(page)).toEqual([])
  await page.goto('/settings')
  await expect(page.getByRole('region', { name: 'Session' })).toContainText(
    `Signed in with the token ${name}, role viewer`,
  )
  await api('mutation($input: TokenRevokeInput!) { tokenRevoke(input: $input) { __typename } }', {
    input: { id: made.tokenCreate.token.id },
  })
})

test('who may change finds all of it', async ({ signedIn: page }) => {
  await page.goto('/clusters/hpc')
  await expect(page.getByRole('banner')).toContainText('admin, admin')
  const buttons = page.getByRole('main').getByRole('button', { name: acts })
  await buttons.first().waitFor()
  for (const button of await buttons.all()) await expect(button).toBeEnabled()
})
