// What a mover tells over HTTP: its figures, and whether it can work.
import type { Config } from '../config.ts'
import { createStatusServer } from '../http/status-server.ts'
import type { Log } from '../log.ts'
import { createRegistry, expose } from '../metrics/exposition.ts'
import { createMoverMetrics } from '../metrics/mover-metrics.ts'
import type { MoverMetrics } from '../replication/report/mover-metrics.ts'

type Listening = { readonly port: number | null; stop(): Promise<void> }

export type MoverStatus = {
  readonly metrics: MoverMetrics
  /** Port null: no port was asked for. */
  serve(whyNotReady: () => Promise<string | undefined>): Promise<Listening>
}

export function createMoverStatus({ mover }: Pick<Config, 'mover'>, log: Log): MoverStatus {
  const registry = createRegistry()
  return {
    metrics: createMoverMetrics(registry),
    async serve(whyNotReady) {
      const { address, port } = mover
      if (port === undefined) return { port: null, stop: async () => undefined }
      const at = { address, port, variable: 'FADO_MOVER_PORT' }
      const server = await createStatusServer({ ...at, log, exposition: expose(registry), whyNotReady })
      log.info({ address, port: server.port }, 'the mover tells its figures')
      return server
    },
  }
}
