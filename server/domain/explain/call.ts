import type { CallKind } from '../fleet/call-kind.ts'

/** A call as a client sends it: its path begins with a slash and may have a query; a header may stand several times. */
export type Call = {
  readonly method: string
  readonly path: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** What of a call says which deployments may get it. `path`: without its query. */
export type AskedCall = { readonly kind: CallKind; readonly path: string; readonly functionName: string }

/** Of one that stands several times all values, in order. */
export const headerValues = (call: Call, name: string): string[] =>
  call.headers
    .filter((header) => header.name.toLowerCase() === name.toLowerCase())
    .map(({ value }) => value.replace(/^[ \t]+|[ \t]+$/g, ''))

/** Its values joined, as most of Envoy sees them; undefined: it is absent. */
export function headerOf(call: Call, name: string): string | undefined {
  const values = headerValues(call, name)
  return values.length === 0 ? undefined : values.join(',')
}

export const pathWithoutQuery = ({ path }: Call): string => path.split('?', 1)[0] ?? ''
