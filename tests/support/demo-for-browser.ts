import { runDemo } from './run-demo.ts'

/** One seeded demo for all browser tests; they find its demo.json by FADO_E2E_DEMO. */
export default async function setup(): Promise<() => Promise<void>> {
  const demo = await runDemo()
  process.env['FADO_E2E_DEMO'] = demo.file
  return async () => {
    await demo.stop()
  }
}
