import type { HealthView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'

export const HealthStatus = builder.enumType('HealthStatus', {
  values: {
    UNKNOWN: { value: 'unknown', description: 'Not probed yet.' },
    HEALTHY: { value: 'healthy' },
    DEGRADED: {
      value: 'returning',
      description:
        'It was down and answers again since `since`. Calls go there when it has been well for the policy failback_after, or at once where nobody else can take them.',
    },
    UNHEALTHY: { value: 'unhealthy' },
  } as const,
})

export const HealthCause = builder.enumType('HealthCause', {
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
    RETURNING: {
      description: 'It was down and answers again, and has not been well for failback_after yet.',
    },
    CLOCK_APART: { description: "A store's clock and FaDO's are too far apart for signatures." },
  },
})

type Status = HealthView['health']
export const causeOf = (status: Status, cause: HealthView['healthCause']) =>
  status === 'returning' ? 'RETURNING' : cause
export const detailOf = (status: Status, detail: string | null) =>
  status === 'returning'
    ? 'It was down and answers again: calls that others can take go there when it has been well for failback_after'
    : detail

export const Health = builder.objectRef<HealthView>('Health').implement({
  description: 'What the last probes saw.',
  fields: (t) => ({
    status: t.field({ type: HealthStatus, resolve: (thing) => thing.health }),
    since: t.field({ type: 'DateTime', nullable: true, resolve: (thing) => thing.healthSince }),
    cause: t.field({
      type: HealthCause,
      nullable: true,
      description: 'Null while nothing is amiss.',
      resolve: (thing) => causeOf(thing.health, thing.healthCause),
    }),
    backAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Of what is coming back (RETURNING): when it takes its share of calls again, if it misses no probe until then.',
      resolve: (thing) => thing.backAt,
    }),
    detail: t.string({
      nullable: true,
      description: '`cause` as a sentence.',
      resolve: (thing) => detailOf(thing.health, thing.healthDetail),
    }),
  }),
})
