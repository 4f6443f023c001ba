// How the health of stores and function deployments changed.
import type { HealthChangeView } from '../../server/services/catalogue/read-health-changes.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { FaasDeployment } from './faas.ts'
import { causeOf, detailOf, HealthCause, HealthStatus } from './health.ts'

const HealthChange = builder.objectRef<HealthChangeView>('HealthChange').implement({
  description: 'What a probe found other than the one before, of a store or of a function deployment.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: (change) => change.at }),
    status: t.field({ type: HealthStatus, resolve: (change) => change.health }),
    cause: t.field({ type: HealthCause, nullable: true, resolve: (change) => causeOf(change.health, change.cause) }),
    detail: t.string({
      nullable: true,
      description: '`cause` as a sentence.',
      resolve: (change) => detailOf(change.health, change.detail),
    }),
    storageDeployment: t.field({ type: StorageDeployment, nullable: true, resolve: (change) => change.storageId }),
    faasDeployment: t.field({ type: FaasDeployment, nullable: true, resolve: (change) => change.faasId }),
  }),
})

const most = 100

builder.queryField('healthChanges', (t) =>
  t.field({
    type: [HealthChange],
    nullable: true,
    description: `The last changes first, of a cluster or of all; of each store and deployment the last 100 are kept. Null: there is no such cluster.`,
    args: {
      cluster: t.arg.string({ description: 'Its name; default: all.' }),
      first: t.arg.int({ defaultValue: 20, description: `At most ${most}.` }),
    },
    complexity: ({ first }) => ({ field: 1, multiplier: Math.min(most, Math.max(1, first ?? 20)) }),
    resolve: (_root, { cluster, first }, { services }) =>
      services.healthChanges(cluster ?? null, Math.min(most, Math.max(1, first ?? 20))),
  }),
)
