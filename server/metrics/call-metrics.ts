import { Counter, Histogram, type Registry } from 'prom-client'
import { msOf } from '../domain/calls/durations.ts'
import type { CallRow } from '../domain/calls/tally.ts'
import { blamed } from '../domain/calls/whose-error.ts'

/** Calls of which no deployment had any. */
const nobody = ''

/** By cluster: buckets and functions are too many for series. */
export function createCallMetrics(registry: Registry) {
  const registers = [registry]
  const calls = new Counter({
    name: 'fado_calls_total',
    help: 'Calls that ended, by the cluster that was tried last (empty: none was) and by whose error it was (caller: refused; gone: its caller gave it up; both no errors).',
    labelNames: ['cluster', 'outcome'],
    registers,
  })
  const retries = new Counter({
    name: 'fado_call_retries_total',
    help: 'Tries of calls after their first.',
    labelNames: ['cluster'],
    registers,
  })
  const duration = new Histogram({
    name: 'fado_call_duration_seconds',
    help: 'From the first byte of a call to the last of its answer, tries included.',
    labelNames: ['cluster'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  return {
    counted(rows: readonly CallRow[], clusterOf: (deploymentId: string) => string | undefined): void {
      for (const row of rows) {
        const cluster = row.deployment === null ? nobody : (clusterOf(row.deployment) ?? nobody)
        const failed = blamed.reduce((sum, whose) => sum + row.errors[whose], 0)
        calls.inc({ cluster, outcome: 'ok' }, row.calls - failed)
        for (const whose of blamed) calls.inc({ cluster, outcome: whose }, row.errors[whose])
        retries.inc({ cluster }, row.retries)
        for (const [bin, many] of row.durations)
          for (let i = 0; i < many; i++) duration.observe({ cluster }, msOf(bin) / 1000)
      }
    },
  }
}
