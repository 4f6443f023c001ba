import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { resourceTypes } from '../../../../proxy/type-urls.ts'
import { createXdsMetrics } from '../../../../server/metrics/xds-metrics.ts'

test('of every kind of resource that Envoys are sent refusals are counted from 0 on', async () => {
  const registry = new Registry()
  createXdsMetrics(registry)
  const text = await registry.metrics()
  for (const type of resourceTypes) expect(text).toContain(`fado_xds_nacks_total{type="${type}"} 0\n`)
})

test('every kind is told where the metric is', () => {
  const row = /^\| `fado_xds_ack_latency_seconds` .*$/m.exec(readFileSync('docs/metrics.md', 'utf8'))?.[0]
  for (const type of resourceTypes) expect(row).toContain(`\`${type}\``)
})
