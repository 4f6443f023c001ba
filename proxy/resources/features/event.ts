// Calls to AWS Lambda's invoke API: handed over as an event, answered by what the function returns (event.lua). Only the body
// of a call and of its answer are looked at, so both are held in memory.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { extension } from '../wire.ts'
import type { Feature } from './feature.ts'

const script = readFileSync(path.join(import.meta.dirname, 'event.lua'), 'utf8')

/** Lambda takes and gives 6 MB at most; base64 in JSON makes a third more of an answer. */
const mostBytes = 9_000_000

export const event: Feature = {
  asks: ({ form }) => (form.payload === 'http' ? undefined : ''),
  filters: () => [
    extension('fado.event', 'envoy.extensions.filters.http.lua.v3.Lua', {
      default_source_code: { inline_string: script },
    }),
  ],
  fields: () => ({ per_connection_buffer_limit_bytes: { value: mostBytes } }),
}
