import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'
import DemosFirst from './tests/support/demos-first.ts'

/** To load all modules anew for each file takes as long as the tests; what one file leaves open fails it. */
const shared = {
  ...{ isolate: false, setupFiles: ['tests/support/leaks.ts'], restoreMocks: true, unstubEnvs: true },
  expect: { poll: { timeout: 10_000 } }, // by itself vitest waits for a second, which a busy machine takes for an answer
}
const slow = { testTimeout: 60_000, hookTimeout: 60_000 }

/** Packages load graphql's CommonJS build, as our code does in Node; Vite would give us its other build, and two do not mix. */
const graphql = createRequire(import.meta.url).resolve('graphql')

const ofTheSoak = process.env['FADO_ALL_STORES'] === 'yes'

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    allowOnly: false,
    reporters: ['default', './tests/support/tally-reporter.ts'],
    sequence: { sequencer: DemosFirst },
    // Each file of integration has a database and often stores and a proxy of its own: more at once only slow each other down.
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'unit',
          testTimeout: 30_000, // a thousand runs of a property take seconds where the machine has other work
          include: ['tests/{unit,property,golden}/**/*.test.ts'],
          maxWorkers: 2, // by itself vitest leaves one of two cores idle
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          ...slow,
          name: 'integration',
          // The soak has time for what takes too long here.
          include: [`tests/{integration,conformance${ofTheSoak ? ',soak' : ''}}/**/*.test.ts`],
          globalSetup: ['tests/support/postgres-server.ts'],
          maxWorkers: 2, // the demos, which go first, have a fleet each: three of them on two cores starve each other
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
