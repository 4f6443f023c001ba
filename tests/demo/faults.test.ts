// The real parts of a demo, killed and stopped at random moments in the middle of copies and calls. FADO_SEED replays what a
// run decided.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { freeze, holdDead, kill, type PartName, untilOutOfRoutes, untilWhole } from '../support/churn/faults.ts'
import type { Fault } from '../support/churn/judge.ts'
import type { Random } from '../support/churn/random.ts'
import { type Churn, startChurn } from '../support/churn.ts'
import { eventually } from '../support/eventually.ts'
import { type Demo, runDemo } from '../support/run-demo.ts'

/**
 * From the kill until everything works again. The longest way is that of a key which a killed mover holds: 9 s until its
 * lease ends. The control plane needs 2 s of processor time to start, of which a busy machine gives it little.
 */
const wholeMs = 30_000
/**
 * How long a store may be dead before no call goes there any more. It is 6 s where the machine has time (the long runs measure
 * it); here other tests take some of it.
 */
const outMs = 10_000
/** Enough to meet every bucket and key. */
const someCalls = 150
/** So many writes of all kinds go on while the parts are killed. */
const manyWrites = 2_000

let demo: Demo
let churn: Churn
let moments: Random

beforeAll(async () => {
  demo = await runDemo('--empty')
  churn = await startChurn(demo.file, process.env['FADO_SEED'])
  moments = churn.world.random.fork('moments')
  console.log(`seed ${churn.seed}`)
}, 240_000)
afterAll(async () => {
  await churn?.abort()
  await demo?.stop()
}, 120_000)

/** What is wrong shows at the fault that led to it. */
afterEach(() => expect(churn.wrong).toEqual([]))

const someMoment = () => delay(moments.between(0, 1_000))

async function recovers(fault: Fault): Promise<void> {
  const whole = await untilWhole(churn.world, churn.steady, fault)
  const { at, heldUntil = at, backAt = at } = fault
  console.log(fault.part, { held: heldUntil - at, back: backAt - at, ...whole })
  expect(Math.max(...Object.values(whole)) - recoveryBegins(fault)).toBeLessThan(wholeMs)
}
/** A part that was held off begins to recover when it is let go. */
const recoveryBegins = ({ at, heldUntil = at }: Fault) => heldUntil - at

test.for<PartName>(['mover', 'envoy', 'server', 'postgres', 'store cloud', 'store hpc'])(
  'after %s was killed everything works again, and meanwhile no call reached a cluster without the data',
  async (part) => {
    await someMoment()
    await recovers(await kill(churn.world, part))
  },
)

test.for([
  ['is silent', freeze],
  ['dies again and again', holdDead],
] as const)(
  'a store that %s is out of the routes within seconds, and comes back with all that it missed',
  async ([, hold]) => {
    await someMoment()
    const fault = await hold(churn.world, 'store cloud', async (begun) => {
      const out = await untilOutOfRoutes(churn.world, begun, 'cloud')
      expect(out).toBeLessThan(outMs)
      const before = churn.calls()
      await eventually('calls go on without it', () => churn.calls() > before + someCalls, 30)
    })
    await recovers(fault)
  },
)

test('in the end every copy is what its master is, and the master is what its users made it', async () => {
  await eventually('all is written', () => churn.writes() >= manyWrites, 120)
  const { wrong, figures } = await churn.finish()
  console.table(figures)
  expect(wrong).toEqual([])
  expect(figures).toMatchObject({ 'buckets compared byte by byte': churn.world.buckets.length })
}, 240_000)
