// All that a control plane counts.
import { createBacklogMetrics } from './backlog-metrics.ts'
import { createCallMetrics } from './call-metrics.ts'
import { createDecisionMetrics } from './decision-metrics.ts'
import { createEventMetrics } from './event-metrics.ts'
import { createRegistry, expose } from './exposition.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createXdsMetrics } from './xds-metrics.ts'

export type ControlPlaneMetrics = ReturnType<typeof createControlPlaneMetrics>

/** `readBacklog`: what the database knows; asked when somebody scrapes. */
export function createControlPlaneMetrics(deps: {
  readonly readBacklog: Parameters<typeof createBacklogMetrics>[1]
  readonly onError: (error: unknown) => void
}) {
  const registry = createRegistry()
  const backlog = createBacklogMetrics(registry, deps.readBacklog, deps.onError)
  return {
    http: createHttpMetrics(registry),
    events: createEventMetrics(registry),
    decisions: createDecisionMetrics(registry),
    xds: createXdsMetrics(registry),
    calls: createCallMetrics(registry),
    exposition: expose(registry, backlog.refresh),
  }
}
