import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

/** To load all modules anew for each file takes as long as the tests; what one file leaves open fails it. */
const shared = {
  ...{ isolate: false, setupFiles: ['tests/support/leaks.ts'], restoreMocks: true, unstubEnvs: true },
  expect: { poll: { timeout: 10_000 } }, // by itself vitest waits for a second, which a busy machine takes for an answer
}
const onRealParts = {
  ...{ testTimeout: 60_000, hookTimeout: 60_000 },
  globalSetup: ['tests/support/postgres-server.ts'],
}

/** Packages load graphql's CommonJS build, as our code does in Node; Vite would give us its other build, and two do not mix. */
const graphql = createRequire(import.meta.url).resolve('graphql')

const ofTheSoak = process.env['FADO_ALL_STORES'] === 'yes'

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    allowOnly: false,
    reporters: ['default', './tests/support/tally-reporter.ts'],
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
          ...onRealParts,
          name: 'demo',
          include: ['tests/demo/**/*.test.ts'],
          maxWorkers: 2, // a fleet each: three of them on two cores starve each other
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          ...onRealParts,
          name: 'integration',
          // The soak has time for what takes too long here.
          include: [`tests/{integration,conformance${ofTheSoak ? ',soak' : ''}}/**/*.test.ts`],
          maxWorkers: 3, // half of their time they wait for something
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
