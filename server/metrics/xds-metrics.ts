import { Counter, Histogram, type Registry } from 'prom-client'

/** The kinds of resources that Envoys are sent: of one that is missing here the compiler tells where the two are joined. */
const types = ['cluster', 'endpoints', 'secret', 'listener', 'filter', 'table', 'scope', 'runtime'] as const
type Answer = { readonly type: (typeof types)[number]; readonly refused: boolean; readonly seconds: number }

export function createXdsMetrics(registry: Registry) {
  const registers = [registry]
  const latency = new Histogram({
    name: 'fado_xds_ack_latency_seconds',
    help: 'From a response to an Envoy to its ACK.',
    labelNames: ['type'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const nacks = new Counter({
    name: 'fado_xds_nacks_total',
    help: 'Responses that an Envoy refused. One of several resources is sent again in halves, so one bad resource can cost some.',
    labelNames: ['type'],
    registers,
  })
  for (const type of types) nacks.inc({ type }, 0)
  return {
    answered({ type, refused, seconds }: Answer): void {
      if (refused) nacks.inc({ type })
      else latency.observe({ type }, seconds)
    },
  }
}
