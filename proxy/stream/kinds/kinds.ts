import type { ResourceType } from '../../type-urls.ts'
import { cluster } from './cluster.ts'
import { endpoints } from './endpoints.ts'
import { filter } from './filter.ts'
import type { Kind } from './kind.ts'
import { listener } from './listener.ts'
import { runtime } from './runtime.ts'
import { scope } from './scope.ts'
import { secret } from './secret.ts'
import { table } from './table.ts'

/** A new kind is a file here, an entry, and its message in type-urls.ts. */
export const kinds: Readonly<Record<ResourceType, Kind>> = {
  cluster,
  endpoints,
  secret,
  listener,
  filter,
  table,
  scope,
  runtime,
}
