import { Counter, Histogram, type Registry } from 'prom-client'

const methods = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH'])

export type HttpMetrics = ReturnType<typeof createHttpMetrics>

export function createHttpMetrics(registry: Registry) {
  const registers = [registry]
  const requests = new Counter({
    name: 'fado_http_requests_total',
    help: 'Answered requests.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'fado_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const failures = new Counter({ name: 'fado_sign_in_failures_total', help: 'Refused sign-ins.', registers })
  return {
    /** `route`: one of ours, never what a caller wrote. */
    request(route: string, method: string, status: number, seconds: number): void {
      requests.inc({ route, method: methods.has(method) ? method : 'other', status: String(status) })
      duration.observe({ route }, seconds)
    },
    signInFailed: (): void => failures.inc(),
  }
}
