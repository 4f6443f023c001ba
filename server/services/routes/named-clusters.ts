import { hash } from 'node:crypto'
import type { ClusterRecord } from '../../db/catalogue/clusters.ts'

/** The cluster of this name; one that is gone by now is shown by its name alone. */
export const clusterNamed = (clusters: readonly ClusterRecord[], name: string): ClusterRecord =>
  clusters.find((cluster) => cluster.name === name) ?? {
    id: hash('sha256', name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
    name,
    zones: [],
    labels: [],
    state: 'deleting',
    version: 0,
  }
