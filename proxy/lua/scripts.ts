// What Envoy runs of ours, as it is in the files beside this one.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const script = (name: string) => readFileSync(path.join(import.meta.dirname, `${name}.lua`), 'utf8')

export const rewriteScript = script('rewrite')
export const eventScript = script('event')
export const certificateScript = script('certificate')
