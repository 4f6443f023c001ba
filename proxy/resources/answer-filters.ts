// What holds of an answer, as Envoy is asked for it: by its access logs, and where it answers by itself (AccessLogFilter).
import { any, type WireObject } from './wire.ts'

export const all = (...filters: readonly WireObject[]): WireObject => ({ and_filter: { filters } })
export const some = (...filters: readonly WireObject[]): WireObject => ({ or_filter: { filters } })

/** Envoy says one of these of it (domain/calls/whose-error.ts); none named: it says anything. */
export const flags = (...names: readonly string[]): WireObject => ({
  response_flag_filter: names.length === 0 ? {} : { flags: names },
})

/** `key`: of the runtime, by which the status could be another one; nothing of FaDO's has it. */
export const status = (op: 'EQ' | 'GE', code: number, key = 'fado.unused'): WireObject => ({
  status_code_filter: { comparison: { op, value: { default_value: code, runtime_key: key } } },
})

/** Of a header of the request, as HeaderMatcher says. */
export const header = (name: string, match: WireObject): WireObject => ({
  header_filter: { header: { name, ...match } },
})
export const isThere: WireObject = { present_match: true }
export const isMissing: WireObject = { present_match: true, invert_match: true }

/** An expression in CEL. */
export const holds = (expression: string): WireObject => ({
  extension_filter: {
    name: 'envoy.access_loggers.extension_filters.cel',
    typed_config: any('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
  },
})
