import type { HealthView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'

const HealthStatus = builder.enumType('HealthStatus', {
  values: {
    UNKNOWN: { value: 'unknown', description: 'Not probed yet.' },
    HEALTHY: { value: 'healthy' },
    UNHEALTHY: { value: 'unhealthy' },
  } as const,
})

export const Health = builder.objectRef<HealthView>('Health').implement({
  description: 'What the last probes saw.',
  fields: (t) => ({
    status: t.field({ type: HealthStatus, resolve: (thing) => thing.health }),
    since: t.field({ type: 'DateTime', nullable: true, resolve: (thing) => thing.healthSince }),
    detail: t.string({ nullable: true, resolve: (thing) => thing.healthDetail }),
  }),
})
