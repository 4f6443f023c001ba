// What processes and a mover do while something is measured.
import { cpuSeconds, cpuSecondsOfAll } from './cpu.ts'
import type { Stack } from './stack.ts'

const counted = ['control', 'postgres', 'mover', 'stores', 'looks', 'copies', 'removals'] as const
/** Of processes the seconds that they computed; of a mover how often it looked at a whole copy or master, made a copy, removed one. */
export type Done = Readonly<Record<(typeof counted)[number], number>>

async function soFar({ pids, pool }: Stack, stores: readonly number[]): Promise<Done> {
  const { rows } = await pool.query<{ kind: string; runs: number }>(
    `SELECT kind, sum(runs)::int AS runs FROM replication_run WHERE outcome = 'done' GROUP BY kind`,
  )
  const runs = new Map(rows.map(({ kind, runs }) => [kind, runs]))
  return {
    control: cpuSeconds(pids.control),
    postgres: cpuSecondsOfAll(pids.postgres),
    mover: pids.mover === 0 ? 0 : cpuSeconds(pids.mover),
    stores: stores.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    looks: (runs.get('sweep') ?? 0) + (runs.get('master_sweep') ?? 0),
    copies: runs.get('first_sync') ?? 0,
    removals: runs.get('evict') ?? 0,
  }
}

export type Timed<T> = { readonly result: T; readonly seconds: number; readonly done: Done }

/** `stores`: their processes. */
export async function meanwhile<T>(stack: Stack, stores: readonly number[], work: () => Promise<T>): Promise<Timed<T>> {
  const before = await soFar(stack, stores)
  const begun = performance.now()
  const result = await work()
  const seconds = (performance.now() - begun) / 1000
  const after = await soFar(stack, stores)
  const done = Object.fromEntries(counted.map((of) => [of, after[of] - before[of]])) as Done
  return { result, seconds, done }
}
