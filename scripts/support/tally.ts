// What the test runners leave for scripts/test.ts, in the file that FADO_TALLY names.
import { readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** Each failure says which test it was and why, so that whoever sees only a log's end knows, too. */
export type Tally = { readonly passed: number; readonly failures: readonly string[] }

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

/** The first line alone: what a runner prints where the test ran has the rest. */
export function failure(test: string, why: string | undefined): string {
  return why === undefined ? test : `${test}: ${stripVTControlCharacters(why.trim().split('\n', 1)[0] ?? '')}`
}
