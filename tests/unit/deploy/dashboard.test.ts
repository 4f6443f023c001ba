// What docs and dashboard say of metrics, beside what a scrape has.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createControlPlaneMetrics } from '../../../server/metrics/control-plane-metrics.ts'
import { createRegistry, expose } from '../../../server/metrics/exposition.ts'
import { createMoverMetrics } from '../../../server/metrics/mover-metrics.ts'
import { readScrape } from '../../support/scrape.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** Name -> type, of both processes. */
async function told(): Promise<ReadonlyMap<string, string>> {
  const control = createControlPlaneMetrics({
    readBacklog: () => Promise.reject(new Error('there is no database')),
    onError: () => undefined,
  })
  const registry = createRegistry()
  createMoverMetrics(registry)
  const texts = await Promise.all([control.exposition.text(), expose(registry).text()])
  return new Map(texts.flatMap((text) => [...readScrape(text).metrics]))
}

const namesIn = (text: string) => [...new Set(text.match(/\bfado_[a-z_]+\b/g))]

/** The series of a histogram have names of their own. */
const exists = (metrics: ReadonlyMap<string, string>, name: string) =>
  metrics.has(name) || metrics.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'

type Panel = { readonly id: number; readonly type: string; readonly targets?: readonly { readonly expr: string }[] }
const dashboard = JSON.parse(read('deploy/grafana-dashboard.json')) as {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[]
  }
}

test('every metric that the docs name is told, and every one that is told is in the docs with its type', async () => {
  const metrics = await told()
  const docs = read('docs/metrics.md')
  expect(namesIn(docs).filter((name) => !exists(metrics, name))).toEqual([])
  const rows = new Map([...docs.matchAll(/^\| `(fado_\w+)` \| (\w+)/gm)].map(([, name, type]) => [name, type]))
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(metrics))
})

test('every metric that the dashboard asks for is told, and every one that is told is shown', async () => {
  const metrics = await told()
  const asked = namesIn(dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n'))
  expect(asked.filter((name) => !exists(metrics, name))).toEqual([])
  const shown = asked.map((name) => (metrics.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')))
  expect([...metrics.keys()].filter((name) => !shown.includes(name))).toEqual([])
})

test('the dashboard asks the Prometheus that its viewer chooses, in panels with ids of their own', () => {
  expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource', query: 'prometheus' }])
  const text = JSON.stringify(dashboard)
  expect([...new Set(text.match(/"uid":"\$[^"]*"/g))]).toEqual([`"uid":"\${datasource}"`])
  const ids = dashboard.panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test("names follow Prometheus' conventions", async () => {
  for (const [name, type] of await told()) {
    if (type === 'counter') expect(name).toMatch(/_total$/)
    else expect(name).not.toMatch(/_total$/)
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb)(_|$)/)
  }
})
