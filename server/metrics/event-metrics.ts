import { Counter, type Registry } from 'prom-client'

export function createEventMetrics(registry: Registry) {
  const registers = [registry]
  const deliveries = new Counter({
    name: 'fado_store_event_deliveries_total',
    help: 'Posts of stores to /api/notify: taken; refused, for want of a valid token, or of a signature and topic of SNS; missed, so that all masters are looked at.',
    labelNames: ['outcome'],
    registers,
  })
  const events = new Counter({
    name: 'fado_store_events_total',
    help: 'Events in the posts that were taken. Dropped ones are among them: the queue was full or the database refused them.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['taken', 'refused', 'missed']) deliveries.inc({ outcome }, 0)
  for (const outcome of ['taken', 'dropped']) events.inc({ outcome }, 0)
  return {
    taken(count: number): void {
      deliveries.inc({ outcome: 'taken' })
      events.inc({ outcome: 'taken' }, count)
    },
    refused: (): void => deliveries.inc({ outcome: 'refused' }),
    missed: (): void => deliveries.inc({ outcome: 'missed' }),
    dropped: (count: number): void => events.inc({ outcome: 'dropped' }, count),
  }
}
