// The database as both kinds of processes open it.
import type { Config } from '../config.ts'
import { connectionShare } from '../db/core/connection-share.ts'
import { migrate } from '../db/core/migrate.ts'
import { createWakeups } from '../db/core/notify.ts'
import { createPool, type Pool } from '../db/core/pool.ts'
import { requireServer } from '../db/core/require-server.ts'
import { sessionName } from '../db/proxies/proxy-streams.ts'
import type { Log } from '../log.ts'
import { loadSecretBox } from '../secret-files.ts'
import { requireKnownPolicies } from './require-known-policies.ts'
import { requireSecretKey } from './require-secret-key.ts'
import { type Stack, stopOf } from './start-all.ts'

export type WithDatabase = Config & { readonly databaseUrl: string }

export async function openState(
  stack: Stack,
  config: WithDatabase,
  log: Log,
  processId: string,
  role: 'control' | 'mover',
) {
  await requireServer(config.databaseUrl, config.databaseConnections)
  await migrate(config.databaseUrl)
  const onError = (error: unknown) => log.warn({ err: error }, 'a database connection was lost')
  const share = connectionShare(role, config.databaseConnections)
  const pool = await stack.add(
    'pool',
    () => {
      // A mover's statements go by keys; those of the control plane also by what users look for.
      const options = { ...share, name: sessionName(processId), plansOnce: role === 'mover', onError }
      return createPool(config.databaseUrl, options)
    },
    (one) => one.end(),
  )
  stack.onLate(pool.cutAll)
  const wakeups = await stack.add('wakeups', () => createWakeups(pool, onError), stopOf)
  const secrets = await loadSecretBox(config)
  await requireReadable(pool)
  return { pool, wakeups, secrets, requireReadable }

  /** Nothing starts on what this process could not read. */
  async function requireReadable(sql: Pool): Promise<void> {
    await requireSecretKey(sql, secrets, config.newSecretKey)
    await requireKnownPolicies(sql)
  }
}
