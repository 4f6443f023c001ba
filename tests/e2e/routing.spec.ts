import { expect, test } from './console.ts'

test('every proxy shows what it accepted, and every bucket where its calls go', async ({ signedIn: page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Routing' }).click()
  await expect(page.getByText('The one proxy has accepted all it was sent.')).toBeVisible()
  await page.getByRole('button', { name: /^Show resources of/ }).click()
  await expect(page.getByRole('columnheader', { name: 'Resource' })).toBeVisible()
  const row = page.getByRole('region', { name: 'Routes, table' }).getByRole('row', { name: /patient-scans/ })
  await expect(row).toContainText('edge, hpc')
  await expect(row).toContainText('serving')
})

test('a new route appears and is seen to be accepted, without a reload', async ({ signedIn: page, makeBucket }) => {
  await page.goto('/routing')
  await expect(page.getByRole('heading', { name: 'Routes' })).toBeVisible()
  const name = await makeBucket('routed', 'edge')
  const row = page.getByRole('region', { name: 'Routes, table' }).getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('edge')
  await expect(row).toContainText('serving')
})
