import type { HealthView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'

const HealthStatus = builder.enumType('HealthStatus', {
  values: {
    UNKNOWN: { value: 'unknown', description: 'Not probed yet.' },
    HEALTHY: { value: 'healthy' },
    RETURNING: {
      value: 'returning',
      description:
        'It was down and answers again since `since`. Calls go there when it has been well for the policy failback_after, or at once where nobody else can take them.',
    },
    UNHEALTHY: { value: 'unhealthy' },
  } as const,
})

const HealthCause = builder.enumType('HealthCause', {
  description: 'Why something is not well, for programs; `detail` says it in words.',
  values: {
    SILENT: { description: 'No answer in time, or no way there.' },
    DOUBTED: {
      description:
        'No answer in time, and none from most others either: FaDO may be cut off itself. Calls still go there, for at most 10 s; then it is UNHEALTHY.',
    },
    UNREACHABLE: {
      description: 'The connection is refused or cut, the name is not known, or the certificate not trusted.',
    },
    FAILING: { description: 'It answers with an error of its own.' },
    KEY_REFUSED: { description: "A store does not accept FaDO's credentials." },
    DENIED: { description: "A store lets FaDO's key read none of its buckets." },
    CLOCK_APART: { description: "A store's clock and FaDO's are too far apart for signatures." },
  },
})

export const Health = builder.objectRef<HealthView>('Health').implement({
  description: 'What the last probes saw.',
  fields: (t) => ({
    status: t.field({ type: HealthStatus, resolve: (thing) => thing.health }),
    since: t.field({ type: 'DateTime', nullable: true, resolve: (thing) => thing.healthSince }),
    cause: t.field({
      type: HealthCause,
      nullable: true,
      description: 'Null while nothing is amiss.',
      resolve: (thing) => thing.healthCause,
    }),
    detail: t.string({ nullable: true, description: '`cause` as a sentence.', resolve: (thing) => thing.healthDetail }),
  }),
})
