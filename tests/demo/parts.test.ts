import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOf } from '../../server/process-table.ts'
import { eventually } from '../support/eventually.ts'
import { type Demo, type DemoFile, runDemo } from '../support/run-demo.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')
let demo: Demo | undefined
/** Fails where the demo did not start. */
function running(): Demo {
  if (demo === undefined) throw new Error('there is no demo')
  return demo
}

beforeAll(async () => {
  demo = await runDemo()
}, 240_000)
afterAll(async () => {
  await demo?.stop()
})

/** `fado ...` as a user of this demo types it; resolves to what it prints as JSON. */
async function fado<Answer>(...args: string[]): Promise<Answer> {
  const env = { ...process.env, FADO_STATE_DIR: path.dirname(running().file) }
  const { stdout } = await run(path.join(root, 'bin/fado.mjs'), [...args, '-o', 'json'], { env })
  return JSON.parse(stdout) as Answer
}

type Bucket = { name: string; route: { state: string; upstreams: { cluster: { name: string } }[] } }
const routes = async () =>
  Object.fromEntries(
    (await fado<Bucket[]>('get', 'routes')).map(({ name, route }) => [
      name,
      `${route.state} ${route.upstreams.map(({ cluster }) => cluster.name).sort()}`,
    ]),
  )

async function call(bucket: string, key: string): Promise<string> {
  const url = `${running().read().ingress}/function/head?key=${encodeURIComponent(key)}`
  const response = await fetch(url, { headers: { 'x-fado-bucket': bucket }, signal: AbortSignal.timeout(5_000) })
  await response.body?.cancel()
  return `${response.status} ${response.headers.get('x-fado-served-by')}`
}

test('the seeded fleet serves each bucket from where its policies allow it', async () => {
  await eventually('all routes serve', async () => {
    expect(await routes()).toEqual({
      'sensor-readings': 'SERVING cloud,edge,hpc',
      'patient-scans': 'SERVING edge,hpc',
      'model-weights': 'SERVING hpc',
      'factory-handbook': 'SERVING cloud,edge',
    })
    return true
  })
  expect(await call('model-weights', 'press-anomaly/card.json')).toBe('200 hpc')
})

const pidsOf = ({ pids, stores, functions }: DemoFile): Record<string, number> => ({
  ...pids,
  ...Object.fromEntries(stores.map(({ name, pid }) => [`store ${name}`, pid])),
  ...Object.fromEntries(functions.map(({ cluster, pid }) => [`functions ${cluster}`, pid])),
})

test.for(['functions hpc', 'store hpc', 'envoy', 'mover', 'server', 'postgres'])(
  'a killed part (%s) runs again within seconds, demo.json says so, and calls arrive',
  async (name) => {
    const before = pidsOf(running().read())
    process.kill(before[name] ?? 0, 'SIGKILL')
    const now = await eventually(
      `${name} has a new pid`,
      async () => {
        const pid = pidsOf(running().read())[name] ?? 0
        return pid !== before[name] && (await startOf(pid)) !== undefined ? pid : undefined
      },
      5, // two on a machine that does nothing else
    )
    expect({ ...before, [name]: now }).toEqual(pidsOf(running().read()))
    await eventually('the API answers', async () => (await routes())['model-weights'] === 'SERVING hpc', 20)
    await eventually(
      'model-weights is served',
      async () => (await call('model-weights', 'press-anomaly/card.json')) === '200 hpc',
      20,
    )
  },
)

test('a policy set on the command line moves the route', async () => {
  const set = await fado<{ policy: unknown }>('policy', 'set', 'zones=germany', '--bucket', 'sensor-readings')
  expect(set.policy).toMatchObject({ name: 'zones', value: ['germany'] })
  await eventually(
    'cloud has left the route',
    async () => (await routes())['sensor-readings'] === 'SERVING edge,hpc',
    30,
  )
})

test('a refused change has exit code 3 and says why', async () => {
  const refused = fado('policy', 'set', 'zones=atlantis', '--bucket', 'patient-scans')
  await expect(refused).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('VALIDATION_FAILED') as string,
  })
})
