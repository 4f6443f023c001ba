// The stores that the suite is put to, and what each of them is known to lack. A gap is a test that must fail there: one that
// is closed fails the run, and its line goes. docs/storage.md has the table of `lacks`.
import type { StoreCapability } from '../../../server/domain/fleet/store-capability.ts'
import type { ToolName } from '../../../server/tools.ts'
import { startMinio } from '../../support/minio.ts'
import { startMoto, startRclone, startVersitygw } from '../../support/other-stores.ts'
import type { StoreProcess } from '../../support/store-process.ts'

export type KnownStore = {
  readonly name: string
  /** Not in every set-up. */
  readonly tool: ToolName
  readonly start: () => Promise<StoreProcess>
  /** Capabilities that its probe does not find. */
  readonly lacks: readonly StoreCapability[]
  /** Names of tests that fail on it, by the reason. */
  readonly gaps: Readonly<Record<string, readonly string[]>>
}

const nobody = { url: 'http://127.0.0.1:9/' }

export const stores: readonly KnownStore[] = [
  { name: 'MinIO', tool: 'minio', start: () => startMinio({ webhook: nobody }), lacks: [], gaps: {} },
  { name: 'versitygw', tool: 'versitygw', start: startVersitygw, lacks: [], gaps: {} },
  { name: 'moto server', tool: 'moto', start: startMoto, lacks: [], gaps: {} },
  { name: 'rclone serve s3', tool: 'rclone', start: () => startRclone(), lacks: [], gaps: {} },
]
