import { userInfo } from 'node:os'
import { defineConfig } from '@playwright/test'
import { locateTool } from './server/tools.ts'

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  forbidOnly: true,
  workers: 2, // each has a demo of its own; files of tests are shared out whole
  timeout: 90_000,
  expect: { timeout: 20_000 }, // bounds of a wait on a machine that has other work, not promises
  reporter: [['list'], ['./tests/support/playwright-tally.ts']],
  use: {
    // A record of all that a failed test did, to be opened with `npx playwright show-trace`; it costs a tenth of the time.
    trace: process.env['FADO_TRACE'] ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: locateTool('chromium', process.env),
      args: userInfo().uid === 0 ? ['--no-sandbox'] : [],
    },
  },
  projects: [{ name: 'console', use: { colorScheme: 'light' } }],
})
