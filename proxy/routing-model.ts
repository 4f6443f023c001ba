// What all Envoys should have: routes, the tables and classes that they need, deployments. Changes cost what they change.
import { createFleet } from './model/fleet.ts'
import { createClassesByPolicy } from './model/policy-classes.ts'
import { createRouteTables, type KeepTimes } from './model/route-tables.ts'
import { createRoutes } from './model/routes.ts'

export type RoutingModel = ReturnType<typeof createRoutingModel>

export function createRoutingModel(keep: KeepTimes) {
  const byPolicy = createClassesByPolicy()
  const { policies, classes, revision, classesRevision } = byPolicy
  const fleet = createFleet(byPolicy)
  const { want, unwant, ...tables } = createRouteTables(keep, byPolicy)
  return {
    ...fleet,
    ...tables,
    ...createRoutes({ want, unwant }, () => fleet.upstreams().slowStartMs),
    ...{ policies, classes, revision, classesRevision },
  }
}
