import path from 'node:path'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'
import { failure, leaveTally } from '../../scripts/support/tally.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** A skipped or unfinished test counts as failed: nothing is left out silently. So does a file that breaks outside its tests. */
function* failuresOf(module: TestModule): Generator<string> {
  const file = path.relative(root, module.moduleId)
  const tests = [...module.children.allTests()].filter((test) => test.result().state !== 'passed')
  for (const test of tests) {
    yield failure(`${file} > ${test.fullName}`, test.result().errors?.[0]?.message ?? test.result().state)
  }
  if (!module.ok() && tests.length === 0) yield failure(file, module.errors()[0]?.message)
}

/** Counts a run of vitest for the closing lines of `npm test`. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const states = modules.flatMap((module) => Array.from(module.children.allTests(), (test) => test.result().state))
    leaveTally({
      passed: states.filter((state) => state === 'passed').length,
      failures: [
        ...modules.flatMap((module) => [...failuresOf(module)]),
        ...unhandled.map((error) => failure('outside of tests', error.message)),
      ],
    })
  }
}
