import { expect, test } from './console.ts'

test('the link signs in, and its token is gone from the address', async ({ page, demo, clean: _ }) => {
  await page.goto(demo().console)
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect(page.url()).not.toContain(demo().token)
  const cookies = await page.context().cookies()
  expect(cookies.find(({ name }) => name.startsWith('fado_session'))).toMatchObject({
    httpOnly: true,
    sameSite: 'Strict',
  })
})

test('a link that is pasted over the sign-in page signs in, too', async ({ page, demo }) => {
  await page.goto('/sign-in')
  await expect(page.getByLabel('API token')).toBeEnabled()
  await page.goto(`/sign-in#token=${demo().token}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect(page.url()).not.toContain(demo().token)
})

test('without a session every page leads to the sign-in, and back to where one was going', async ({ page, demo }) => {
  await page.goto('/buckets?q=sensor')
  await expect(page.getByText('Sign in to see this page.')).toBeVisible()
  await page.getByLabel('API token').fill(demo().token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/buckets\?q=sensor$/)
  await expect(page.getByRole('link', { name: 'sensor-readings' }).first()).toBeVisible()
})

test('a wrong token is refused with the reason, at the field', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toHaveText('Paste a token first.')
  await page.getByLabel('API token').fill('fado_nonsense')
  await page.keyboard.press('Enter')
  await expect(page.getByText('not known, has expired or was revoked')).toBeVisible()
  await expect(page.getByLabel('API token')).toHaveAttribute('aria-invalid', 'true')
})

test('who signs out is out', async ({ signedIn: page }) => {
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByText('You are signed out.')).toBeVisible()
  await page.goto('/buckets')
  await expect(page.getByText('Sign in to see this page.')).toBeVisible()
})

test('a token that is revoked ends the session at once, with the reason', async ({ page, api }) => {
  type Made = { tokenCreate: { secret: string; token: { id: string } } }
  const { tokenCreate } = await api<Made>(
    'mutation { tokenCreate(input: { name: "short-lived", role: VIEWER }) { ... on TokenCreatePayload { secret token { id } } } }',
  )
  await page.goto(`/sign-in#token=${tokenCreate.secret}`)
  await expect(page.getByText(/buckets are where they should be|need you/)).toBeVisible()
  await api('mutation($id: ID!) { tokenRevoke(input: { id: $id }) { __typename } }', { id: tokenCreate.token.id })
  await expect(page.getByText('Your session is over')).toBeVisible()
})
