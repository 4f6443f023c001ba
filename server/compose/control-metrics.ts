// Joins what a control plane counts with what its database knows.

import { readBacklog } from '../db/catalogue/backlog.ts'
import type { Pool } from '../db/core/pool.ts'
import type { Log } from '../log.ts'
import { type ControlPlaneMetrics, createControlPlaneMetrics } from '../metrics/control-plane-metrics.ts'

/** Of so many copies, those that lag most, the lag is told by name: more series than that help nobody. */
const shownReplicas = 100

export const createControlMetrics = ({ pool, log }: { pool: Pool; log: Log }): ControlPlaneMetrics =>
  createControlPlaneMetrics({
    readBacklog: () => readBacklog(pool, shownReplicas),
    onError: (error) => log.warn({ err: error }, 'what waits could not be read for /metrics'),
  })
