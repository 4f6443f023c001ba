import { bucketScopeName, pinScopeName, tableName } from './names.ts'
import type { WireObject } from './wire.ts'

/**
 * A scope's version is made of the table's id, for name and table are all it says. So what an Envoy reports when it
 * connects tells which tables it routes by. The suffix is the layout's number: raise it when one of the two below changes.
 */
export const scopeVersion = (tableId: string) => `${tableId}.1`
export const tableIdOfVersion = (version: string) => version.split('.', 1)[0] ?? ''

/** Sends the calls that name a bucket to a table. This is all that changes when a bucket moves. */
export const buildBucketScope = (bucket: string, tableId: string): WireObject => ({
  name: bucketScopeName(bucket),
  route_configuration_name: tableName(tableId),
  key: { fragments: [{ string_key: bucket }] },
})

/**
 * Keeps a table loaded while no bucket points at it yet, or any more. Its key begins with a line feed, which no header
 * value can hold (RFC 9110, section 5.5), so that no client can name it.
 */
export const buildPinScope = (tableId: string): WireObject => ({
  name: pinScopeName(tableId),
  route_configuration_name: tableName(tableId),
  key: { fragments: [{ string_key: `\npin ${tableId}` }] },
})
