// The counts that the test runners leave for scripts/test.ts, in the file that FADO_TALLY names.
import { readFileSync, writeFileSync } from 'node:fs'

export type Tally = { readonly passed: number; readonly failed: number }

export function leaveTally(tally: Tally): void {
  const file = process.env['FADO_TALLY']
  if (file) writeFileSync(file, JSON.stringify(tally))
}

/** Undefined when the runner died before it could count. */
export function findTally(file: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally
  } catch {
    return undefined
  }
}
