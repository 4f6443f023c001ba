// What every browser test uses: the demo, a page that is signed in, and a watch over what the browser complains of.
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { Client as S3 } from 'minio'
import { type Demo, type DemoFile, runDemo } from '../support/run-demo.ts'

export type Store = S3
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** What axe finds, as `rule: elements`. `rules`: only these, instead of all of WCAG 2.2 AA and good practice. */
export async function axeFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  // The legacy mode looks at one frame, and we have one; the other opens a page for its sums, which takes twice as long.
  const axe = new AxeBuilder({ page }).setLegacyMode(true)
  const { violations } = await (rules ? axe.withRules([...rules]) : axe.withTags(wcag)).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
type Api = <T>(query: string, variables?: Readonly<Record<string, unknown>>) => Promise<T>
export type Fixtures = {
  /** demo.json as it is now. */
  readonly demo: () => DemoFile
  readonly api: Api
  /** A page with a session, nowhere yet. */
  readonly signedIn: Page
  /** Makes a bucket that is deleted after the test; resolves to its name. */
  readonly makeBucket: (stem: string, store: string, policies?: readonly object[]) => Promise<string>
  /** A client of one of the demo's stores. */
  readonly s3: (store: string) => Store
}

/** A seeded demo for all tests of one worker: they leave it as they found it. */
type WorkerFixtures = { readonly running: Demo }

export const test = base.extend<Fixtures & { readonly clean: undefined }, WorkerFixtures>({
  running: [
    async ({ browserName: _ }, use) => {
      const demo = await runDemo()
      try {
        await use(demo)
        for (const line of demo.errors()) console.log(line)
      } finally {
        await demo.stop()
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ running }, use) => use(new URL(running.read().graphql).origin),
  demo: async ({ running }, use) => use(running.read),
  api: async ({ demo }, use) => {
    await use(async <T>(query: string, variables = {}) => {
      const { graphql, token } = demo()
      const answer = await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(10_000),
      })
      const { data, errors } = (await answer.json()) as { data: T; errors?: readonly { message: string }[] }
      if (errors) throw new Error(errors.map((error) => error.message).join('; '))
      return data
    })
  },
  makeBucket: async ({ api }, use) => {
    const made: string[] = []
    await use(async (stem, storageDeployment, policies = []) => {
      const name = fresh(stem)
      made.push(name)
      const input = { name, storageDeployment, policies: [{ name: 'drain_delay', value: 0 }, ...policies] }
      await api('mutation($input: BucketCreateInput!) { bucketCreate(input: $input) { __typename } }', { input })
      return name
    })
    for (const name of made) await deleteBucket(api, name)
  },
  s3: async ({ demo }, use) => {
    await use((name) => {
      const store = demo().stores.find((one) => one.name === name)
      if (!store) throw new Error(`the demo has no store ${name}`)
      const { hostname, port } = new URL(store.endpoint)
      const { accessKey, secretKey } = store
      return new S3({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey })
    })
  },
  signedIn: async ({ page, demo, clean: _ }, use) => {
    const { token } = demo()
    const answer = await page.request.post('/api/session', { data: { token } })
    expect(answer.status()).toBe(204)
    await use(page)
  },
  /** Scripts that break, and what the content security policy refuses, fail the test. */
  clean: async ({ page }, use) => {
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() !== 'error' || expected.test(message.text())) return
      const { url } = message.location()
      if (!url.endsWith('/nothing-here')) complaints.push(`${message.text()} (${url})`)
    })
    await use(undefined)
    expect(complaints).toEqual([])
  },
})
export { expect }

/** Answers of 401, of 503 while the database is away, and connections that a test cuts are told by the browser, and are no fault of the page. */
const expected =
  /status of (401|503)|ERR_CONNECTION|WebSocket connection to|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_INTERNET_DISCONNECTED|ERR_SOCKET_NOT_CONNECTED/

export const deleteBucket = (api: Api, bucket: string): Promise<unknown> =>
  api('mutation($input: BucketDeleteInput!) { bucketDelete(input: $input) { __typename } }', {
    input: { bucket, deleteData: true },
  })

/** Names of things that a test makes: no two runs on one demo meet. */
export const fresh = (stem: string): string => `${stem}-${Math.random().toString(36).slice(2, 8)}`
