// Every screen, in light and dark: what axe finds, and whether a phone's width is enough.
import type { Locator, Page } from '@playwright/test'
import { axeFaults, expect, test } from './console.ts'

const widths = [1440, 1280, 960, 390]
/** A phone has other parts on these screens. */
const onPhone: readonly string[] = [
  '/',
  '/buckets',
  '/buckets/sensor-readings',
  '/clusters/hpc',
  '/topology',
  '/policies',
  '/routing?bucket=patient-scans',
]
const screens: readonly (readonly [path: string, ready: string])[] = [
  ['/', '.table'],
  ['/buckets', '.matrix tbody tr, .rows li'],
  ['/buckets?create=1', 'dialog[open] form'],
  ['/buckets?q=nothing-has-this-name', '.blank'],
  ['/buckets/sensor-readings', '.table'],
  ['/buckets/never-was', '.blank'],
  ['/clusters', '.table'],
  ['/clusters?add=1', 'dialog[open] form'],
  ['/clusters/hpc', '.table'],
  ['/topology', '.topo'],
  ['/topology?bucket=sensor-readings&cluster=hpc', '.topo .called'],
  ['/replication', 'section'],
  ['/routing', '.table'],
  ['/routing?bucket=patient-scans', '.fall'],
  ['/routing?decision=', '.ask.past'],
  ['/policies', '.table'],
  ['/settings', '.table'],
  ['/nothing-here', '.blank'],
]

for (const [path, ready] of screens) {
  test(`${path} is accessible in light and dark, and never wider than its window`, async ({ signedIn: page }) => {
    await page.goto(path)
    await expect(page.locator(ready).locator('visible=true').first()).toBeVisible()
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(over, `wider than ${width} px`).toBeLessThanOrEqual(0)
      expect(await page.evaluate(choicesCut), `choices out of sight at ${width} px`).toBe(0)
      if (width === 390) expect(await page.evaluate(cutOff), 'out of sight on a phone').toEqual([])
      if (width !== 1440 && !(width === 390 && onPhone.includes(path))) continue
      expect(await axeFaults(page)).toEqual([])
    }
    // Layout is the same in light and dark: there only the colours are looked at.
    await page.setViewportSize({ width: 1440, height: 900 })
    const light = await background(page)
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await expect.poll(() => background(page)).not.toBe(light)
    expect(await axeFaults(page, ['color-contrast']), 'in the dark').toEqual([])
  })
}

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)

/** Of the rows of choices those that hide some. Runs in the page. */
const choicesCut = (): number =>
  [...document.querySelectorAll('.seg')].filter((one) => one.scrollWidth > one.clientWidth).length

/** What can be read or done, and lies wholly or partly beside the window. Runs in the page. */
function cutOff(): string[] {
  const shown = document.querySelector('dialog[open]') ?? document.body
  const all = [...shown.querySelectorAll('a, button, input, select, td, th, p, dd')]
  const beside = all.filter((one) => {
    const { left, right, width } = one.getBoundingClientRect()
    const isForReaders = one.closest('thead') !== null || one.matches('.sr-only')
    return width > 0 && !isForReaders && (left < -1 || right > window.innerWidth + 1)
  })
  const scrolled = [...shown.querySelectorAll('.scroll-x')].filter((one) => one.scrollWidth > one.clientWidth)
  return [...beside, ...scrolled].map((one) => one.outerHTML.slice(0, 120))
}

test('the sign-in page is accessible', async ({ page, clean: _ }) => {
  await page.goto('/sign-in?reason=ended')
  await expect(page.getByLabel('API token')).toBeVisible()
  expect(await axeFaults(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await axeFaults(page), 'in the dark').toEqual([])
})

test('a browser that asks for the icon before it has read the page gets it', async ({ request }) => {
  const icon = await request.get('/favicon.ico')
  expect([icon.status(), icon.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
})

test('every screen is reached by keyboard alone', async ({ signedIn: page }) => {
  await page.goto('/')
  await expect(page.locator('.sentence')).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()
  await page.getByRole('link', { name: 'Routing' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Routing' })).toBeVisible()
})

test('a table is a stop of the Tab key only while it is wider than its place', async ({ signedIn: page }) => {
  await page.goto('/')
  const table = page.getByRole('region', { name: 'Clusters, table' })
  await expect(table.getByRole('link', { name: 'hpc' })).toBeVisible()
  await expect(table).not.toHaveAttribute('tabindex')
  const atLeast = (width: string) =>
    table.locator('table').evaluate((one: HTMLElement, wanted) => {
      one.style.minWidth = wanted
    }, width)
  await atLeast('3000px')
  await expect(table).toHaveAttribute('tabindex', '0')
  await atLeast('')
  await expect(table).not.toHaveAttribute('tabindex')
})

test('the filters of buckets stand in two rows: what is typed and chosen, and what is wrong', async ({
  signedIn: page,
}) => {
  await page.goto('/buckets')
  await page.setViewportSize({ width: 1440, height: 900 })
  const topOf = async (element: Locator) => (await element.boundingBox())?.y
  const [name, cluster, facets] = [
    page.getByLabel('Filter by name'),
    page.getByLabel('with a copy on'),
    page.getByRole('navigation', { name: 'Show' }),
  ]
  await expect(facets).toBeVisible()
  const [typed, chosen, shown] = [await topOf(name), await topOf(cluster), await topOf(facets)]
  expect(chosen).toBe(typed)
  expect(shown).toBeGreaterThan(typed ?? 0)
})
