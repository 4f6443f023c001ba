import { expect, fresh, test } from './console.ts'

test('a token is made, its secret shown once, and revoked', async ({ signedIn: page, demo }) => {
  const name = fresh('ci')
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Create a token' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Create the token' }).click()
  await expect(form.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Role').selectOption('VIEWER')
  await form.getByRole('button', { name: 'Create the token' }).click()
  const secret = await form.locator('.cmd code').textContent()
  const ask = () =>
    fetch(demo().graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: '{ policies { name } }' }),
    })
  expect((await ask()).status).toBe(200)
  await form.getByRole('button', { name: 'I have it' }).click()
  expect(await page.content()).not.toContain(secret)

  const row = page.getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('viewer')
  await row.getByRole('button', { name: `Revoke ${name}` }).click()
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await expect(row).toHaveCount(0)
  expect((await ask()).status).toBe(401)
})

test('the appearance is kept, and drawn by the server before any script runs', async ({ signedIn: page }) => {
  await page.goto('/settings')
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.getByRole('radio', { name: 'dark' }).check()
  await expect.poll(ground).toBe('rgb(15, 17, 20)')
  const drawn = await page.request.get('/settings')
  expect(await drawn.text()).toContain('<html lang="en" data-theme="dark"')
  await page.reload()
  await expect(page.getByRole('radio', { name: 'dark' })).toBeChecked()
  await page.getByRole('radio', { name: 'as the system' }).check()
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(ground).toBe('rgb(255, 255, 255)')
})
