// Shapes that all resources are built from. A resource is plain data in protobuf's field names; proto-loader encodes it.
import { typeUrl } from '../type-urls.ts'

export type WireValue = string | number | boolean | WireObject | readonly WireValue[]
export type WireObject = { readonly [field: string]: WireValue }

/** An extension's configuration as google.protobuf.Any. */
export const any = (messageName: string, fields: WireObject = {}): WireObject => ({
  '@type': typeUrl(messageName),
  ...fields,
})

export const extension = (name: string, messageName: string, fields: WireObject = {}): WireObject => ({
  name,
  typed_config: any(messageName, fields),
})

/**
 * google.protobuf.Struct. proto-loader encodes a plain object given in its place to an empty message without an error,
 * which has turned a TLS match into match-all: always build structs here.
 */
export const struct = (fields: WireObject): WireObject => ({
  fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, structValue(value)])),
})

function structValue(value: WireValue): WireObject {
  if (typeof value === 'string') return { kind: 'stringValue', stringValue: value }
  if (typeof value === 'number') return { kind: 'numberValue', numberValue: value }
  if (typeof value === 'boolean') return { kind: 'boolValue', boolValue: value }
  if (isList(value)) return { kind: 'listValue', listValue: { values: value.map(structValue) } }
  return { kind: 'structValue', structValue: struct(value) }
}

const isList = (value: WireValue): value is readonly WireValue[] => Array.isArray(value)

/** Carries a message with fields that are newer than the protos that we ship; Envoy reads it as the message itself. */
export const typedStruct = (messageName: string, fields: WireObject): WireObject => ({
  '@type': typeUrl('xds.type.v3.TypedStruct'),
  type_url: typeUrl(messageName),
  value: struct(fields),
})

/** Of a match tree: the request header, several values joined by commas, is as `match` (a StringMatcher) says. */
export const headerPredicate = (header: string, match: WireObject): WireObject => ({
  single_predicate: {
    input: {
      name: header,
      typed_config: any('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: header }),
    },
    value_match: match,
  },
})

/** Of a filter's match tree: calls that match go on without it. */
export const skipFilter: WireObject = {
  action: extension('skip', 'envoy.extensions.filters.common.matcher.action.v3.SkipFilter'),
}

/** google.protobuf.Duration of whole milliseconds. */
export const duration = (ms: number): WireObject => ({
  seconds: Math.floor(ms / 1000),
  nanos: (ms % 1000) * 1_000_000,
})

/** Sets a header to one value, whatever was there before. */
export const setHeader = (key: string, value: string): WireObject => ({
  header: { key, value },
  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
})

/** Configuration that comes over the stream it was named on. */
export const adsSource: WireObject = { ads: {}, resource_api_version: 'V3' }

export const socketAddress = (address: string, port: number): WireObject => ({
  socket_address: { address, port_value: port },
})
