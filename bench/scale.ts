// What a hundred thousand buckets cost: memory, the start of a control plane, and one edit.
import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds, megabytes, peakMegabytes } from './cpu.ts'
import { rounded } from './figures.ts'
import type { Result } from './result.ts'
import { override, sizedClusters, startSized } from './sized-fleet.ts'
import type { Stack } from './stack.ts'

const asPublished = { sizes: [10, 100_000], edits: 100 }

/** Resolves when every route is ACKed by an Envoy whose stream is younger than this. */
async function caughtUp({ pool }: Stack, since: Date): Promise<void> {
  const done = async () => {
    const { rows } = await pool.query(
      `SELECT 1 FROM proxy_stream WHERE closed_at IS NULL AND connected_since >= $1
       AND acked_through >= (SELECT max(number) FROM route)`,
      [since],
    )
    return rows.length > 0
  }
  while (!(await done())) await delay(20)
}

/** Seconds from the start of another control plane until Envoy has agreed to all that it serves. */
async function restarted(stack: Stack): Promise<number> {
  const begun = new Date()
  await stack.restartControl()
  await caughtUp(stack, begun)
  return (Date.now() - begun.getTime()) / 1000
}

/** What PostgreSQL has read and written so far, in rows; it counts with a delay. */
async function rowsTouched({ pool }: Stack): Promise<number> {
  await delay(2_000)
  const { rows } = await pool.query<{ touched: number }>(
    `SELECT tup_returned + tup_inserted + tup_updated + tup_deleted AS touched
     FROM pg_stat_database WHERE datname = current_database()`,
  )
  return rows[0]?.touched ?? 0
}

/** Each of them changes where the calls of one bucket go; the next one waits until Envoy has it. */
async function edit(stack: Stack, edits: number): Promise<void> {
  const since = new Date(0)
  for (let i = 0; i < edits; i++) {
    await override(stack, `bucket-${i % 10}`, sizedClusters[Math.floor(i / 10) % 2] ?? 'hpc')
    await caughtUp(stack, since)
  }
}

async function measured(size: number, edits: number) {
  const stack = await startSized(size)
  try {
    const envoyMegabytes = megabytes(stack.pids.envoy)
    const startSeconds = await restarted(stack)
    const { control, envoy } = stack.pids
    const startMegabytes = peakMegabytes(control)
    const before = { control: cpuSeconds(control), envoy: cpuSeconds(envoy), rows: await rowsTouched(stack) }
    const begun = performance.now()
    await edit(stack, edits)
    const idleSeconds = (performance.now() - begun) / 1000
    const perEdit = (seconds: number) => rounded((seconds * 1000) / edits, 2)
    return {
      buckets: size,
      'Envoy MB': rounded(envoyMegabytes, 0),
      'start until ACKed s': rounded(startSeconds, 2),
      'control plane MB': rounded(startMegabytes, 0),
      'edit ms': rounded((idleSeconds * 1000) / edits),
      'CPU of an edit ms': perEdit(cpuSeconds(control) - before.control),
      'of Envoy ms': perEdit(cpuSeconds(envoy) - before.envoy),
      'rows of an edit': rounded(((await rowsTouched(stack)) - before.rows) / edits, 0),
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
      'An edit changes where the calls of one bucket go, until Envoy has ACKed it; rows: what PostgreSQL read and wrote, probes and heartbeats included.',
      'goals at 100 000: 200 MB more in Envoy, 6 s, 500 MB, and an edit that costs as much as with 10',
    ],
  }
}
