import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export type Tally = { passed: number; failed: number }

/** Leaves the counts of a run in the file FADO_TALLY, from which scripts/test.ts makes the closing line. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env['FADO_TALLY']
    if (file) writeFileSync(file, JSON.stringify(count(modules, unhandled.length)))
  }
}

/** A skipped or unfinished test counts as failed: nothing is left out silently. So does a file that breaks outside its tests. */
function count(modules: readonly TestModule[], unhandled: number): Tally {
  const tally: Tally = { passed: 0, failed: unhandled }
  for (const module of modules) {
    const states = Array.from(module.children.allTests(), (test) => test.result().state)
    const passed = states.filter((state) => state === 'passed').length
    tally.passed += passed
    tally.failed += states.length - passed
    if (!module.ok() && passed === states.length) tally.failed += 1
  }
  return tally
}
