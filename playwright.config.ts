import { userInfo } from 'node:os'
import { defineConfig } from '@playwright/test'
import { locateTool } from './server/tools.ts'

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './tests/support/demo-for-browser.ts',
  forbidOnly: true,
  fullyParallel: false,
  workers: 1, // all share one demo, and a test may change what it shows
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./tests/support/playwright-tally.ts']],
  use: {
    trace: { mode: 'retain-on-failure', screenshots: false }, // a tenth of the time goes into the film of what passed
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: locateTool('chromium', process.env),
      args: userInfo().uid === 0 ? ['--no-sandbox'] : [],
    },
  },
  projects: [{ name: 'console', use: { colorScheme: 'light' } }],
})
