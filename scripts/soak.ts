// npm run test:soak [-- MINUTES]: first the tests of stores on all makes, of which npm test has only some, and of buckets and objects
// as large as they get (some 20 GB of disk below the system's folder for temporary files); then life on a demo of
// its own while every part is killed and stopped, again and again, two at once now and then. The result stands in
// bench/results/soak.json. FADO_SEED replays what a run decided.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freeze, holdDead, kill, type PartName, untilWhole } from '../tests/support/churn/faults.ts'
import type { Fault } from '../tests/support/churn/judge.ts'
import type { Random } from '../tests/support/churn/random.ts'
import { type Churn, startChurn } from '../tests/support/churn.ts'
import { runDemo } from '../tests/support/run-demo.ts'

const root = path.resolve(import.meta.dirname, '..')
const parts: readonly [PartName, ...PartName[]] = [
  'server',
  'mover',
  'envoy',
  'postgres',
  'store hpc',
  'store edge',
  'store cloud',
]
/** The stores of `parts`. */
const stores: readonly [PartName, ...PartName[]] = ['store hpc', 'store edge', 'store cloud']
const defaultMinutes = 10

type Recovery = { readonly what: string; readonly seconds: number }

/** One thing that is done to the system; resolves to the fault that came last. */
async function hurt({ world }: Churn, random: Random): Promise<{ readonly what: string; readonly fault: Fault }> {
  const part = random.pick(parts)
  const store = random.pick(stores)
  const other = random.pick(parts)
  const seconds = random.between(2, 14)
  const choice = random.next()
  const meanwhile = () => delay(seconds * 1000)
  if (choice < 0.15) return { what: `${store} silent for ${seconds} s`, fault: await freeze(world, store, meanwhile) }
  if (choice < 0.3) return { what: `${store} dead for ${seconds} s`, fault: await holdDead(world, store, meanwhile) }
  if (choice < 0.4) return { what: `${part} stopped for ${seconds} s`, fault: await freeze(world, part, meanwhile) }
  if (choice < 0.55 && other !== part) {
    const [, fault] = await Promise.all([kill(world, part), kill(world, other)])
    return { what: `${part} and ${other} killed`, fault }
  }
  return { what: `${part} killed`, fault: await kill(world, part) }
}

async function soak(churn: Churn, minutes: number): Promise<Recovery[]> {
  const random = churn.world.random.fork('soak')
  const recoveries: Recovery[] = []
  for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
    await delay(random.between(0, 4_000))
    const { what, fault } = await hurt(churn, random)
    const begun = fault.heldUntil ?? fault.at
    await untilWhole(churn.world, churn.steady, fault)
    const seconds = (Date.now() - begun) / 1000
    recoveries.push({ what, seconds })
    console.log(
      `${what}: whole after ${seconds.toFixed(1)} s${churn.wrong.length > 0 ? `, ${churn.wrong.length} wrong` : ''}`,
    )
  }
  return recoveries
}

const tests = [
  'node_modules/vitest/vitest.mjs',
  'run',
  'tests/conformance',
  'replication/mixed-fleet',
  'graphql/other-stores',
  'tests/soak',
]
const ofStores = spawnSync(process.execPath, tests, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FADO_ALL_STORES: 'yes' },
})
if (ofStores.status !== 0) process.exit(1)

const minutes = Number(process.argv[2] ?? defaultMinutes)
const demo = await runDemo('--empty')
let code = 1
try {
  const churn = await startChurn(demo.file, process.env['FADO_SEED'])
  console.log(`seed ${churn.seed}`)
  const recoveries = await soak(churn, minutes)
  const { seed, wrong, figures, notes } = await churn.finish()
  if (wrong.length > 0) for (const what of [...notes, ...wrong]) console.log(what)
  console.table(figures)
  const slowest = recoveries.reduce((a, b) => (a.seconds > b.seconds ? a : b))
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  const result = {
    commit,
    at: new Date().toISOString(),
    seed,
    minutes,
    faults: recoveries.length,
    slowest,
    figures,
    wrong,
  }
  const file = path.join(root, 'bench/results/soak.json')
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
  console.log(
    `${recoveries.length} faults; the longest way back took ${slowest.seconds.toFixed(1)} s (${slowest.what})`,
  )
  code = wrong.length === 0 ? 0 : 1
} finally {
  await demo.stop()
}
process.exit(code)
