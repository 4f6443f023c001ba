// The small fleet that the demo shows: three clusters, and buckets that each need something else of them.
import type { ClusterName } from './demo-ports.ts'
import { type DemoObject, modelFiles, pages, readings, scans } from './fleet-objects.ts'

export type DemoCluster = { readonly name: ClusterName; readonly zones: readonly string[] }

export type DemoBucket = {
  readonly name: string
  readonly master: ClusterName
  readonly policies: readonly { readonly name: string; readonly value: unknown }[]
  readonly objects: () => readonly DemoObject[]
}

export const demoClusters: readonly DemoCluster[] = [
  { name: 'hpc', zones: ['eu', 'germany', 'high-performance'] },
  { name: 'edge', zones: ['eu', 'germany', 'factory'] },
  { name: 'cloud', zones: ['eu', 'ireland'] },
]

export const demoBuckets: readonly DemoBucket[] = [
  // Written at the edge, read everywhere.
  {
    name: 'sensor-readings',
    master: 'edge',
    policies: [{ name: 'target_replica_count', value: 2 }],
    objects: readings,
  },
  // May not leave the country.
  {
    name: 'patient-scans',
    master: 'hpc',
    policies: [
      { name: 'zones', value: ['germany'] },
      { name: 'target_replica_count', value: 1 },
      { name: 'lb_policy', value: 'least_request' },
    ],
    objects: scans,
  },
  // Needs the fast machines, and lies only there.
  {
    name: 'model-weights',
    master: 'hpc',
    policies: [{ name: 'zones', value: ['high-performance'] }],
    objects: modelFiles,
  },
  // A copy just where the visitors are.
  {
    name: 'factory-handbook',
    master: 'cloud',
    policies: [
      { name: 'replica_locations', value: ['edge'] },
      { name: 'lb_policy', value: 'random' },
    ],
    objects: pages,
  },
]
