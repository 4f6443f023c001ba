// The order of integration tests: a file that starts a whole demo takes longest, and none of them should run alone at the end.
import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const startsDemo = ({ moduleId }: TestSpecification) => readFileSync(moduleId, 'utf8').includes('/run-demo.ts')

export default class DemosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(startsDemo), ...sorted.filter((file) => !startsDemo(file))]
  }
}
