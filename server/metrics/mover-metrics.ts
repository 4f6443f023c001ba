import { Counter, Histogram, type Registry } from 'prom-client'
import { ageBounds } from '../domain/replica/conformance.ts'

type Link = { readonly source: string; readonly target: string }

export function createMoverMetrics(registry: Registry) {
  const registers = [registry]
  const copies = new Counter({
    name: 'fado_copies_total',
    help: 'Objects that were copied or tried: copied; changed, the source or what was to be replaced was another by then; refused, the store cannot hold it; interrupted; failed.',
    labelNames: ['source', 'target', 'outcome'],
    registers,
  })
  const bytes = new Counter({
    name: 'fado_copied_bytes_total',
    help: 'Bytes of these: the size of what was copied, else what was read for nothing.',
    labelNames: ['source', 'target', 'outcome'],
    registers,
  })
  const duration = new Histogram({
    name: 'fado_copy_duration_seconds',
    help: 'Of an object that was copied: from the first request to the last look at it.',
    labelNames: ['target'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900],
    registers,
  })
  const deletes = new Counter({
    name: 'fado_deletes_total',
    help: 'Objects deleted on replicas because their master has them no more. Evictions are tasks.',
    labelNames: ['store'],
    registers,
  })
  const ages = new Histogram({
    name: 'fado_change_age_seconds',
    help: 'How long after they were known changes of masters were on their copies. First copies do not count.',
    labelNames: ['store'],
    buckets: [...ageBounds],
    registers,
  })
  const tasks = new Counter({
    name: 'fado_tasks_total',
    help: 'Runs of work on whole copies: done, postponed (not possible yet, or interrupted), failed.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const taskDuration = new Histogram({
    name: 'fado_task_duration_seconds',
    help: 'Of a run that was done.',
    labelNames: ['kind'],
    buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  })
  const found = new Counter({
    name: 'fado_sweep_found_keys_total',
    help: 'Keys that comparisons of listings marked. A first sync finds all that lies at the master; in the others these are what events missed.',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of ['first_sync', 'sweep', 'master_sweep']) found.inc({ kind }, 0)
  return {
    copy({ source, target }: Link, outcome: string, size: number, seconds: number): void {
      copies.inc({ source, target, outcome })
      bytes.inc({ source, target, outcome }, size)
      if (outcome === 'copied') duration.observe({ target }, seconds)
    },
    arrived: (store: string, seconds: number): void => ages.observe({ store }, seconds),
    deleted: (store: string): void => deletes.inc({ store }),
    task(kind: string, outcome: string, seconds: number): void {
      tasks.inc({ kind, outcome })
      if (outcome === 'done') taskDuration.observe({ kind }, seconds)
    },
    found: (kind: string, keys: number): void => found.inc({ kind }, keys),
  }
}
