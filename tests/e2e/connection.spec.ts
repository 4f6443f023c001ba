import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { WebSocketRoute } from '@playwright/test'
import { expect, test } from './console.ts'

test('a control plane that dies is said, and what happened meanwhile is there after it is back', async ({
  signedIn: page,
  demo,
  makeBucket,
}) => {
  await page.goto('/buckets')
  await expect(page.getByRole('row', { name: /patient-scans/ })).toBeVisible()
  process.kill(demo().pids.server, 'SIGKILL')
  await expect(page.getByText(/^FaDO does not answer, since .*What you see is from then/)).toBeVisible()
  await expect(page.getByRole('row', { name: /patient-scans/ })).toBeVisible()
  let name: string | undefined
  const make = async () => {
    name = await makeBucket('meanwhile', 'hpc').catch(() => undefined)
    return name
  }
  await expect.poll(make, { timeout: 20_000 }).toBeDefined()
  await expect(page.getByText(/^FaDO does not answer/)).toHaveCount(0, { timeout: 10_000 })
  await expect(page.getByRole('row', { name: new RegExp(name ?? 'none') })).toBeVisible()
})

test('a database that dies right after a page was opened is named, never taken for a bucket that is not there, and the page comes back', async ({
  signedIn: page,
  demo,
}) => {
  const seen = new Set<string>()
  await page.exposeFunction('note', (text: string) => seen.add(text))
  await page.addInitScript(() => {
    const look = () => (window as unknown as { note: (text: string) => void }).note(document.body?.textContent ?? '')
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
  })
  await page.goto('/buckets/sensor-readings')
  await expect(page.getByRole('region', { name: 'Copies, table' })).toBeVisible()
  // The socket and the first questions of the page meet a database that is not there, however fast the demo starts it again.
  const keptAway = setInterval(() => {
    try {
      process.kill(demo().pids.postgres, 'SIGINT')
    } catch {
      // It is away.
    }
  }, 100)
  try {
    await expect.poll(async () => (await page.request.get('/readyz')).status(), { intervals: [20] }).toBe(503)
    await page.reload()
    await expect(page.getByText(/PostgreSQL cannot be used/)).toBeVisible({ timeout: 20_000 })
  } finally {
    clearInterval(keptAway)
  }
  await expect(page.getByRole('region', { name: 'Copies, table' })).toBeVisible({ timeout: 30_000 })
  await expect(page.locator('.banner')).toHaveCount(0, { timeout: 15_000 })
  await expect(page.locator('.live')).toHaveText('live')
  const all = [...seen].join('\n')
  expect(all).toMatch(/PostgreSQL cannot be used/)
  expect(all).not.toMatch(/No bucket is called|Something went wrong|INTERNAL_SERVER_ERROR/)
})

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid='])
  const pairs = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.flatMap(([pid, of]) => (of === parent && pid !== undefined ? [pid] : []))
}

test('a FaDO whose database is silent is said: the page does not pass for live, and is again once the database answers', async ({
  signedIn: page,
  demo,
}) => {
  await page.goto('/')
  await expect(page.locator('.live')).toHaveText('live')
  const { postgres } = demo().pids
  const all = [postgres, ...(await childrenOf(postgres))]
  for (const pid of all) process.kill(pid, 'SIGSTOP')
  try {
    await expect(page.locator('.banner')).toContainText('FaDO cannot use its database, since', { timeout: 15_000 })
    await expect(page.locator('.live')).toContainText('not live since')
  } finally {
    for (const pid of all) process.kill(pid, 'SIGCONT')
  }
  await expect(page.locator('.banner')).toHaveCount(0, { timeout: 30_000 })
  await expect(page.locator('.live')).toHaveText('live')
})

test('a page that asks while nobody answers says so, and its button asks again', async ({ signedIn: page }) => {
  await page.goto('/')
  await page.route('**/graphql', (route) => route.abort('connectionrefused'))
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByText(/The tokens could not be read/)).toBeVisible()
  await page.unroute('**/graphql')
  await page.getByRole('region', { name: 'Tokens' }).getByRole('button', { name: 'Try now' }).click()
  await expect(page.getByRole('region', { name: 'Tokens, table' })).toBeVisible()
})

test('why a page could not be read stays there while it is asked for again', async ({ signedIn: page }) => {
  const asked = new Map<string, number>()
  let answer = () => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  const ofPage = ['PolicyDefinitions', 'GlobalPolicies']
  const errors = [{ message: 'PostgreSQL cannot be used: silent', extensions: { code: 'UNAVAILABLE' } }]
  await page.goto('/')
  await page.route('**/graphql', async (route) => {
    const { operationName } = route.request().postDataJSON() as { operationName: string }
    const times = asked.get(operationName) ?? 0
    asked.set(operationName, times + 1)
    if (ofPage.includes(operationName)) {
      if (times === 0) return route.fulfill({ status: 503, json: { errors } })
      await held
    }
    return route.continue()
  })
  await page.getByRole('link', { name: 'Policies' }).click()
  const why = page.getByText(/PostgreSQL cannot be used: silent/)
  await expect(why).toBeVisible()
  await expect.poll(() => ofPage.every((name) => (asked.get(name) ?? 0) > 1)).toBe(true)
  // What the page made of the question is on it by the next frame but one.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  await expect(why).toBeVisible({ timeout: 1 })
  answer()
  await expect(page.getByRole('region', { name: 'Policies, table' })).toBeVisible()
})

test('while FaDO is away a page that has nothing to show says it once, and comes back by itself', async ({
  signedIn: page,
}) => {
  let away = false
  const open: WebSocketRoute[] = []
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    if (away) return void socket.close({ code: 1012 })
    socket.connectToServer()
    open.push(socket)
  })
  await page.goto('/')
  await expect(page.locator('.live')).toHaveText('live')
  away = true
  await page.route('**/graphql', (route) => route.abort('connectionrefused'))
  for (const socket of open) await socket.close({ code: 1012 })
  await expect(page.locator('.banner')).toContainText('Envoy goes on serving by the last routes')
  await page.getByRole('link', { name: 'Policies' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('tries again by itself')
  await expect(page.getByRole('main').getByRole('alert')).toContainText('Envoy goes on serving by the last routes')
  await expect(page.getByText(/FaDO does not answer/).locator('visible=true')).toHaveCount(1)
  away = false
  await page.unroute('**/graphql')
  await expect(page.getByRole('region', { name: 'Policies, table' })).toBeVisible()
  await expect(page.locator('.banner')).toHaveCount(0)
})

test('while the first answer is on its way the page shows its shape, not an empty list', async ({ signedIn: page }) => {
  await page.goto('/')
  let answer = () => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route('**/graphql', async (route) => {
    await held
    await route.continue()
  })
  await page.getByRole('link', { name: 'Policies' }).click()
  await expect(page.getByRole('status', { name: 'Loading' })).toBeVisible()
  answer()
  await expect(page.getByRole('region', { name: 'Policies, table' })).toBeVisible()
})

test('a connection that goes silent is noticed within 6 s, and FaDO is named', async ({ signedIn: page }) => {
  let silent = false
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((message) => {
      if (!silent) server.send(message)
    })
    server.onMessage((message) => {
      if (!silent) socket.send(message)
    })
  })
  await page.goto('/buckets')
  await expect(page.getByRole('row', { name: /patient-scans/ })).toBeVisible()
  silent = true
  await expect(page.locator('.banner')).toContainText('FaDO does not answer', { timeout: 6_000 })
  silent = false
  await expect(page.locator('.banner')).toHaveCount(0, { timeout: 15_000 })
  await expect(page.locator('.live')).toHaveText('live')
})

test('a browser that is offline says so at once, and does not blame FaDO', async ({ signedIn: page }) => {
  await page.goto('/buckets')
  await expect(page.getByRole('row', { name: /patient-scans/ })).toBeVisible()
  await page.context().setOffline(true)
  await expect(page.locator('.banner')).toContainText('This browser is offline', { timeout: 1_500 })
  await page.context().setOffline(false)
  await expect(page.locator('.banner')).toHaveCount(0, { timeout: 15_000 })
})
