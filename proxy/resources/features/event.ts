// Calls to AWS Lambda's invoke API: handed over as an event, answered by what the function returns (proxy/lua/event/). Only the body
// of a call and of its answer are looked at, so both are held in memory.
import { eventScript } from '../../lua/scripts.ts'
import { extension } from '../wire.ts'
import type { Feature } from './feature.ts'

/** Lambda takes and gives 6 MB at most; base64 in JSON makes a third more of an answer. */
const mostBytes = 9_000_000

export const event: Feature = {
  asks: ({ form }) => (form.payload === 'http' ? undefined : ''),
  filters: () => [
    extension('fado.event', 'envoy.extensions.filters.http.lua.v3.Lua', {
      default_source_code: { inline_string: eventScript },
    }),
  ],
  fields: () => ({ per_connection_buffer_limit_bytes: { value: mostBytes } }),
}
