import type { Reporter, Suite, TestCase } from '@playwright/test/reporter'
import { leaveTally } from '../../scripts/support/tally.ts'

/** Counts a run of Playwright for the closing line of `npm test`; a skipped test counts as failed. */
export default class PlaywrightTally implements Reporter {
  #tests: readonly TestCase[] = []
  #errors = 0

  onBegin(_: unknown, suite: Suite): void {
    this.#tests = suite.allTests()
  }

  /** Outside of tests: a file that cannot be loaded, a global set-up that fails. */
  onError(): void {
    this.#errors += 1
  }

  onEnd(): void {
    const passed = this.#tests.filter((test) => test.outcome() === 'expected' && test.results.length > 0).length
    leaveTally({ passed, failed: this.#tests.length - passed + this.#errors })
  }
}
