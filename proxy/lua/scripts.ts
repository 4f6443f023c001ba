// What Envoy runs of ours, from the files beside this one.
import { readFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Of several files each uses what those before it have; Envoy's errors count their lines together. Without comments, which are for
 * us: their lines stay, so that the others are where they were.
 */
const script = (...names: readonly string[]) =>
  names
    .map((name) => readFileSync(path.join(import.meta.dirname, `${name}.lua`), 'utf8'))
    .join('')
    .replace(/^[ \t]*--.*$/gm, '')

export const rewriteScript = script('rewrite')
export const eventScript = script('event/json', 'event/bytes', 'event/call', 'event/answer')
export const certificateScript = script('certificate')
