// A mover: configuration -> running system. It loads nothing of what only the control plane needs.

import { v7 } from 'uuid'
import { migrate } from '../db/core/migrate.ts'
import type { LinkRule } from '../domain/links/served-links.ts'
import { createLog } from '../log.ts'
import { createMover } from '../replication/mover.ts'
import { createMoverStatus } from './mover-status.ts'
import { startOnDatabase } from './on-database.ts'
import { openState, type WithDatabase } from './open-state.ts'
import { createReadiness } from './readiness.ts'
import { type Running, startAll, stopOf } from './start-all.ts'
import { createStoreDrivers } from './store-drivers.ts'

/** Carries objects between stores; any number of them may run. `links`: those that it works on; null: all. */
export function startMover(config: WithDatabase, links: readonly LinkRule[] | null): Promise<Running> {
  const log = createLog(config.logLevel, 'mover')
  const processId = v7()
  return startAll(log, async (stack) => {
    const { pool, wakeups, secrets, requireReadable } = await openState(stack, config, log, processId, 'mover')
    const status = createMoverStatus(config, log)
    const work = await stack.add(
      'work',
      () =>
        startOnDatabase({
          pool,
          log,
          async start(isAnew) {
            if (isAnew) {
              await migrate(config.databaseUrl)
              await requireReadable(pool)
            }
            const working = await startAll(log, async (inner) => {
              const stores = await inner.add(
                'stores',
                () => createStoreDrivers({ pool, secrets, log }),
                (one) => one.close(),
              )
              await inner
                .add(
                  'mover',
                  () =>
                    createMover({
                      ...{ pool, wakeups, log, links },
                      storageFor: stores.get,
                      owner: processId,
                      metrics: status.metrics,
                    }),
                  (one) => one.stop(),
                )
                .then((one) => one.start())
            })
            return working.stop
          },
        }),
      stopOf,
    )
    const whyNotReady = createReadiness({ pool, wakeups, problem: work.problem })
    await stack.add('status', () => status.serve(whyNotReady), stopOf)
    log.info('the mover works')
  })
}
