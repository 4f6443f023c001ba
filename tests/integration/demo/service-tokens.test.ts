// The tokens that a set-up's own parts hold, over starts, revocations and starts that were cut short.
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../../../server/cli/api.ts'
import { serviceTokens } from '../../../server/demo/service-tokens.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'

const root = path.resolve(import.meta.dirname, '../../..')

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb()
})
afterAll(() => web?.stop())

type Listed = { readonly id: string; readonly name: string; readonly role: string }
const listed = async (): Promise<Listed[]> => (await web.ask('{ tokens { id name role } }')).data.tokens
const own = async () => (await listed()).filter(({ name }) => name !== 'admin').map(({ name, role }) => [name, role])

/** Starts one after another in one home. */
async function starts() {
  const home = await tempDir()
  const api = createApi({ url: `${web.url}/graphql`, token: web.admin })
  const file = path.join(home, 'service-tokens.json')
  return { home, file, start: () => serviceTokens(api, { home, owner: 'demo' }) }
}

const both = [
  ['demo-stores', 'NOTIFY'],
  ['demo-envoy', 'PROXY'],
]

test('each start has the tokens of the one before, and one that was revoked alone is made anew', async () => {
  const { home, file, start } = await starts()
  const first = await start()
  expect(await own()).toEqual(expect.arrayContaining(both))
  expect(await start()).toEqual(first)
  await web.mutate('tokenRevoke', { id: first.proxy.id }, 'revokedId')
  const third = await start()
  expect(third.notify).toEqual(first.notify)
  expect(third.proxy.id).not.toBe(first.proxy.id)
  expect(await start()).toEqual(third)
  expect(await own()).toHaveLength(2)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(home)).toEqual(['service-tokens.json'])
})

test.for([
  ['was cut short before it wrote them down', (file: string) => rm(file)],
  ['left half a file', (file: string) => writeFile(file, '{"notify":{"id":')],
] as const)(
  'after a start that %s there are two tokens, and those that nobody has hold no longer',
  async ([, spoil]) => {
    const { file, start } = await starts()
    const lost = await start()
    await spoil(file)
    const made = await start()
    expect(await own()).toHaveLength(2)
    const ids = (await listed()).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([made.notify.id, made.proxy.id]))
    expect(ids).not.toContain(lost.proxy.id)
    expect(await start()).toEqual(made)
  },
)

test("the step of docker-compose.yml gives Envoy and the stores a token each, never the administrator's, and may be repeated", async () => {
  const home = await tempDir()
  const folders = [path.join(home, 'envoy'), path.join(home, 'stores')] as const
  const state = path.join(home, 'state')
  for (const folder of [...folders, state]) await mkdir(folder)
  const env = { ...process.env, FADO_TOKEN: web.admin, FADO_STATE_DIR: state }
  async function prepare() {
    await promisify(execFile)(process.execPath, ['deploy/prepare.ts', web.url, ...folders], { cwd: root, env })
    return {
      envoy: await readFile(path.join(folders[0], 'envoy.json'), 'utf8'),
      stores: await readFile(path.join(folders[1], 'minio.env'), 'utf8'),
      tokens: (await listed()).filter(({ name }) => name.startsWith('compose-')),
    }
  }
  const first = await prepare()
  expect(first.tokens.map(({ role }) => role).sort()).toEqual(['NOTIFY', 'PROXY'])
  expect(first.envoy + first.stores).not.toContain(web.admin)
  const { notify, proxy } = JSON.parse(await readFile(path.join(state, 'service-tokens.json'), 'utf8'))
  expect(first.envoy).toContain(`Bearer ${proxy.secret}"`)
  expect(first.stores).toBe(`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO="${notify.secret}"\n`)
  expect(JSON.parse(first.envoy).static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints).toMatchObject([
    { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 18000 } } } },
  ])
  expect(await prepare()).toEqual(first)
})

test('a step that FaDO does not let in says so in one sentence', async () => {
  const home = await tempDir()
  const env = { ...process.env, FADO_TOKEN: 'a-token-of-somebody-else', FADO_STATE_DIR: home }
  const run = promisify(execFile)(process.execPath, ['deploy/prepare.ts', web.url, home, home], { cwd: root, env })
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^prepare: FaDO at .* does not take this token: .*\n$/) as string,
  })
})
