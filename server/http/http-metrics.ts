import { Counter, Histogram, type Registry } from 'prom-client'

export type HttpMetrics = {
  request(route: string, method: string, status: number, seconds: number): void
  events(count: number): void
  signInFailed(): void
}

const methods = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH'])

export function createHttpMetrics(registry: Registry): HttpMetrics {
  const registers = [registry]
  const requests = new Counter({
    name: 'fado_http_requests_total',
    help: 'Answered requests.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'fado_http_request_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const events = new Counter({
    name: 'fado_store_events_total',
    help: 'Events that stores have sent to the webhook.',
    registers,
  })
  const failures = new Counter({ name: 'fado_sign_in_failures_total', help: 'Refused sign-ins.', registers })
  return {
    request(route, method, status, seconds) {
      requests.inc({ route, method: methods.has(method) ? method : 'other', status: String(status) })
      duration.observe({ route }, seconds)
    },
    events: (count) => events.inc(count),
    signInFailed: () => failures.inc(),
  }
}
