import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { headSteps, onPorts, publishedPorts } from '../../../../scripts/compose/head-steps.ts'

const composeFile = readFileSync(path.resolve(import.meta.dirname, '../../../../docker-compose.yml'), 'utf8')

test('the head of docker-compose.yml is read as what it is', () => {
  const { start, token, cluster, bucket, call } = headSteps(composeFile)
  expect(start).toMatch(/^docker compose up .*--wait/)
  expect(token).toContain('/var/lib/fado/token')
  expect(cluster.map((line) => / (cluster|store|function) add /.exec(line)?.[1])).toEqual([
    'cluster',
    'store',
    'function',
  ])
  expect(bucket.map((line) => line.split(' ')[0])).toEqual(['docker', 'curl'])
  expect(call).toMatch(/^curl -i .*\/function\/sha256/)
})

test('a head with another step is refused rather than played in part', () => {
  expect(() => headSteps(composeFile.replace('#   curl', '#   true\n#   curl'))).toThrow('head-steps.ts')
})

test('each address of the head is one that a service publishes, and moves with it', () => {
  const usual = publishedPorts(composeFile)
  expect([...usual.values()]).toEqual([8080, 10000, 9010, 9020, 9030])
  const moved = Object.fromEntries([...usual.keys()].map((name, index) => [name, String(index)]))
  const { bucket, call } = headSteps(composeFile)
  expect(onPorts(bucket[1] ?? '', usual, moved)).toContain(' http://127.0.0.1:2/photos/')
  expect(onPorts(call, usual, moved)).toContain("'http://127.0.0.1:1/function/")
  expect(onPorts('http://127.0.0.1:7/', usual, moved)).toBe('http://127.0.0.1:7/')
})
