import { Counter, Histogram, type Registry } from 'prom-client'

const outcomes = ['placed', 'degraded', 'infeasible', 'removed', 'failed']

export function createDecisionMetrics(registry: Registry) {
  const registers = [registry]
  const decisions = new Counter({
    name: 'fado_decisions_total',
    help: 'Decisions about a bucket that were committed, by what its placement came to; removed: nothing of it was left; failed: it is tried again.',
    labelNames: ['outcome'],
    registers,
  })
  const duration = new Histogram({
    name: 'fado_decision_duration_seconds',
    help: 'From the claim of a bucket to the commit of its decision. Up to 200 buckets are decided in one transaction.',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  for (const outcome of outcomes) decisions.inc({ outcome }, 0)
  return {
    decided(outcome: string, seconds: number): void {
      decisions.inc({ outcome })
      duration.observe(seconds)
    },
    failed: (): void => decisions.inc({ outcome: 'failed' }),
  }
}
