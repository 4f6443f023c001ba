// What a hundred thousand buckets cost: memory, the start of a control plane, and one edit.
import { setTimeout as delay } from 'node:timers/promises'
import { agreedAnew } from './agreed.ts'
import { cpuSeconds, megabytes, peakMegabytes } from './cpu.ts'
import { percentile, rounded } from './figures.ts'
import type { Result } from './result.ts'
import { override, sizedClusters, startSized } from './sized-fleet.ts'
import type { Stack } from './stack.ts'

const asPublished = { sizes: [10, 100_000], edits: 100 }

/** Resolves when every route is ACKed by an Envoy whose stream is younger than this. */
async function caughtUp({ pool }: Stack, since: Date, everyMs: number): Promise<void> {
  const done = async () => {
    const { rows } = await pool.query<{ done: boolean }>(`SELECT ${agreedAnew('$1')} AS done`, [since])
    return rows[0]?.done === true
  }
  while (!(await done())) await delay(everyMs)
}

/** Seconds from the start of another control plane until Envoy has agreed to all that it serves. */
async function restarted(stack: Stack): Promise<number> {
  const begun = new Date()
  const seconds = async () => {
    await caughtUp(stack, begun, 20)
    return (Date.now() - begun.getTime()) / 1000
  }
  const [taken] = await Promise.all([seconds(), stack.restartControl()])
  return taken
}

/** What was used so far: processors in seconds, and rows that PostgreSQL read and wrote, which it counts with a delay. */
async function used({ pool, pids }: Stack) {
  await delay(2_000)
  const { rows } = await pool.query<{ touched: number }>(
    `SELECT tup_returned + tup_inserted + tup_updated + tup_deleted AS touched
     FROM pg_stat_database WHERE datname = current_database()`,
  )
  return { control: cpuSeconds(pids.control), envoy: cpuSeconds(pids.envoy), rows: rows[0]?.touched ?? 0 }
}
type Used = Awaited<ReturnType<typeof used>>

/** What `work` used, and what the same time without it used. */
async function usedBy(stack: Stack, work: () => Promise<unknown>): Promise<Used> {
  const before = await used(stack)
  const begun = performance.now()
  await work()
  const ms = performance.now() - begun
  const after = await used(stack)
  await delay(ms)
  const idle = await used(stack)
  const of = (what: keyof Used) => Math.max(0, after[what] - before[what] - (idle[what] - after[what]))
  return { control: of('control'), envoy: of('envoy'), rows: of('rows') }
}

/** Each of them changes where the calls of one bucket go; the next one waits until Envoy has it. */
async function edit(stack: Stack, edits: number, samples: number[] = []): Promise<void> {
  const since = new Date(0)
  for (let i = 0; i < edits; i++) {
    const begun = performance.now()
    await override(stack, `bucket-${i % 10}`, sizedClusters[Math.floor(i / 10) % 2] ?? 'hpc')
    await caughtUp(stack, since, 1)
    samples.push(performance.now() - begun)
  }
}

async function measured(size: number, edits: number) {
  const stack = await startSized(size)
  try {
    const envoyMegabytes = megabytes(stack.pids.envoy)
    const startSeconds = await restarted(stack)
    const startMegabytes = peakMegabytes(stack.pids.control)
    await edit(stack, edits) // what runs for the first time costs more
    const samples: number[] = []
    const { control, envoy, rows } = await usedBy(stack, () => edit(stack, edits, samples))
    return {
      buckets: size,
      'Envoy MB': rounded(envoyMegabytes, 0),
      'start until ACKed s': rounded(startSeconds, 2),
      'control plane MB': rounded(startMegabytes, 0),
      'edit p50 ms': rounded(percentile(samples, 0.5)),
      'CPU of an edit ms': rounded((control * 1000) / edits, 2),
      'of Envoy ms': rounded((envoy * 1000) / edits, 2),
      'rows of an edit': rounded(rows / edits, 0),
    }
  } finally {
    await stack.stop()
  }
}

export async function scale({ sizes, edits } = asPublished): Promise<Result> {
  const rows: Awaited<ReturnType<typeof measured>>[] = []
  for (const size of sizes) rows.push(await measured(size, edits))
  return {
    rows,
    notes: [
      'Envoy MB: what it has when all routes are in force. Start: of a control plane in place of another, until Envoy has agreed to all that it serves.',
      'An edit changes where the calls of one bucket go, until Envoy has ACKed it; rows: what PostgreSQL read and wrote for it. What goes on anyhow is taken off.',
      'goals at 100 000: 200 MB more in Envoy, 6 s, 500 MB, and an edit that costs as much as with 10',
    ],
  }
}
