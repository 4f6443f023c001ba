import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../../server/config.ts'
import { createDemoFileWriter, describeDemo } from '../../../../server/demo/demo-file.ts'
import { demoPorts } from '../../../../server/demo/demo-ports.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const facts = {
  ports: demoPorts(parseConfig({})),
  token: 't',
  credentials: { accessKey: 'minio', secretKey: 'minio123' },
  publicUrl: undefined,
}

test('demo.json is as the contract shows it', () => {
  const names = ['server', 'envoy', 'postgres', 'mover', 'store-hpc', 'store-edge', 'store-cloud', 'functions-hpc']
  const pids = new Map([...names, 'functions-edge', 'functions-cloud'].map((name, i) => [name, i + 1]))
  const { stores, functions, ...rest } = describeDemo(facts, pids)
  expect(rest).toEqual({
    graphql: 'http://127.0.0.1:8080/graphql',
    token: 't',
    console: 'http://127.0.0.1:8080/sign-in#token=t',
    ingress: 'http://127.0.0.1:10000',
    envoyAdmin: 'http://127.0.0.1:9901',
    metrics: ['http://127.0.0.1:8080/metrics', 'http://127.0.0.1:18001/metrics'],
    pids: { server: 1, envoy: 2, postgres: 3, mover: 4 },
  })
  const keys = { accessKey: 'minio', secretKey: 'minio123' }
  expect(stores).toEqual([
    { name: 'hpc', endpoint: 'http://127.0.0.1:9010', ...keys, pid: 5 },
    { name: 'edge', endpoint: 'http://127.0.0.1:9020', ...keys, pid: 6 },
    { name: 'cloud', endpoint: 'http://127.0.0.1:9030', ...keys, pid: 7 },
  ])
  expect(functions).toEqual([
    { cluster: 'hpc', url: 'http://127.0.0.1:9101', pid: 8 },
    { cluster: 'edge', url: 'http://127.0.0.1:9102', pid: 9 },
    { cluster: 'cloud', url: 'http://127.0.0.1:9103', pid: 10 },
  ])
})

test('the link for browsers leads to where they reach FaDO', () => {
  const { publicUrl } = parseConfig({ FADO_PUBLIC_URL: 'https://fado.example.com/' })
  const { console: link, graphql } = describeDemo({ ...facts, publicUrl }, new Map())
  expect(link).toBe('https://fado.example.com/sign-in#token=t')
  expect(graphql).toBe('http://127.0.0.1:8080/graphql')
})

test('of many writes at once the last one stays, whole and for its user only', async () => {
  const dir = await tempDir()
  const writer = createDemoFileWriter(dir)
  const numbered = (pid: number) => describeDemo(facts, new Map([['server', pid]]))
  await Promise.all(Array.from({ length: 50 }, (_, i) => writer.write(numbered(i + 1))))
  const file = path.join(dir, 'demo.json')
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(numbered(50))
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('what is written after the end does not bring it back', async () => {
  const dir = await tempDir()
  const writer = createDemoFileWriter(dir)
  const file = describeDemo(facts, new Map())
  const writes = [writer.write(file), writer.remove(), writer.write(file)]
  await Promise.all(writes)
  expect(await readdir(dir)).toEqual([])
})
