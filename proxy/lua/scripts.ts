// What Envoy runs of ours, from the files beside this one.
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** Without comments, which are for us. Its lines stay where they are, for Envoy's errors name them. */
const script = (name: string) =>
  readFileSync(path.join(import.meta.dirname, `${name}.lua`), 'utf8').replace(/^[ \t]*--.*$/gm, '')

export const rewriteScript = script('rewrite')
export const eventScript = script('event')
export const certificateScript = script('certificate')
