import { expect, test } from './console.ts'

test('the fleet\u2019s value is set, seen at the buckets, and unset', async ({ signedIn: page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Policies' }).click()
  await expect(page.getByRole('columnheader', { name: 'Can be set for' })).toBeVisible()
  await page.getByRole('button', { name: 'Edit invocation_timeout' }).click()
  await page.getByLabel('New value of invocation_timeout').fill('-1')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main').getByRole('alert')).toContainText('must be a number of seconds')
  await page.getByLabel('New value of invocation_timeout').fill('45')
  await page.getByRole('button', { name: /^Set to 45/ }).click()
  await expect(page.getByRole('row', { name: /^invocation_timeout 45.s global/ })).toBeVisible()
  await expect(page.locator('.sentence')).toContainText(/^1 of \d+ policies is set for the fleet/)

  await page.goto('/buckets/patient-scans')
  await expect(page.getByRole('row', { name: /^invocation_timeout 45.s global/ })).toBeVisible()

  await page.goto('/policies')
  await page.getByRole('button', { name: 'Edit invocation_timeout' }).click()
  await page.getByRole('button', { name: /^unset/ }).click()
  await expect(page.getByRole('row', { name: /^invocation_timeout 300.s default/ })).toBeVisible()
})
