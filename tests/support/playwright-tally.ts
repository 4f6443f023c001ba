import type { Reporter, Suite, TestCase, TestError } from '@playwright/test/reporter'
import { failure, leaveTally } from '../../scripts/support/tally.ts'

function passed(test: TestCase): boolean {
  return test.outcome() === 'expected' && test.results.length > 0
}

/** Counts a run of Playwright for the closing lines of `npm test`; a skipped test counts as failed. */
export default class PlaywrightTally implements Reporter {
  #tests: readonly TestCase[] = []
  readonly #errors: TestError[] = []

  onBegin(_: unknown, suite: Suite): void {
    this.#tests = suite.allTests()
  }

  /** Outside of tests: a file that cannot be loaded, a global set-up that fails. */
  onError(error: TestError): void {
    this.#errors.push(error)
  }

  onEnd(): void {
    const failed = this.#tests.filter((test) => !passed(test))
    leaveTally({
      passed: this.#tests.length - failed.length,
      failures: [
        ...failed.map((test) => failure(test.titlePath().slice(2).join(' > '), test.results.at(-1)?.error?.message)),
        ...this.#errors.map((error) => failure('outside of tests', error.message)),
      ],
    })
  }
}
