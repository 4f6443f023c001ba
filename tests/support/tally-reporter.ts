import type { Reporter, TestModule } from 'vitest/node'
import { leaveTally, type Tally } from '../../scripts/support/tally.ts'

/** A skipped or unfinished test counts as failed: nothing is left out silently. So does a file that breaks outside its tests. */
function count(modules: readonly TestModule[], unhandled: number): Tally {
  const tally = { passed: 0, failed: unhandled }
  for (const module of modules) {
    const states = Array.from(module.children.allTests(), (test) => test.result().state)
    const passed = states.filter((state) => state === 'passed').length
    tally.passed += passed
    tally.failed += states.length - passed
    if (!module.ok() && passed === states.length) tally.failed += 1
  }
  return tally
}

/** Counts a run of vitest for the closing line of `npm test`. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    leaveTally(count(modules, unhandled.length))
  }
}
