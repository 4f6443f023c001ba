// Ages are the server's: a reader whose clock is wrong sees the right ones.
import type { Page } from '@playwright/test'
import { expect, test } from './console.ts'

const hour = 3_600_000
const units = { s: 1, min: 60, h: 3600, d: 86_400 } as const
const secondsOf = (text: string): number => {
  const [, many, unit] = /^(\d+)\s(s|min|h|d) ago$/.exec(text) ?? []
  return text === 'just now' ? 0 : Number(many) * units[unit as keyof typeof units]
}

/** How many seconds the ages on the page are wrong at most; the last digit of a unit is cut off. */
async function wrongBy(page: Page): Promise<number> {
  const shown = await page
    .locator('main time[datetime]')
    .evaluateAll((all) => all.map((one) => [one.getAttribute('datetime') ?? '', one.textContent ?? ''] as const))
  expect(shown.length).toBeGreaterThan(0)
  const errors = shown.map(([at, text]) => {
    const right = (Date.now() - Date.parse(at)) / 1000
    return Math.abs(right - secondsOf(text)) - (right >= 3600 ? 3600 : right >= 60 ? 60 : 0)
  })
  return Math.max(...errors)
}

for (const [what, off] of [
  ['an hour ahead', hour],
  ['an hour behind', -hour],
] as const) {
  test(`a clock that is ${what} shows right ages, at once`, async ({ signedIn: page }) => {
    await page.clock.install({ time: Date.now() + off })
    await page.goto('/settings')
    await page.locator('main time[datetime]').first().waitFor()
    expect(await wrongBy(page)).toBeLessThan(8)
  })
}

test('a clock that is set while the page is open is found out, though nothing is asked', async ({ signedIn: page }) => {
  await page.clock.install({ time: Date.now() })
  await page.goto('/settings')
  await page.locator('main time[datetime]').first().waitFor()
  await expect(page.locator('.live')).toHaveText('live')
  await page.route('**/graphql', (route) => route.abort('connectionrefused'))
  await page.clock.setSystemTime(Date.now() + 24 * hour)
  await expect.poll(() => wrongBy(page), { timeout: 10_000 }).toBeLessThan(8)
})
