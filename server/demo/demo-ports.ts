// Which ports the demo uses. Pure.
import type { Config } from '../config.ts'

export const clusterNames = ['hpc', 'edge', 'cloud'] as const
export type ClusterName = (typeof clusterNames)[number]
export type PerCluster<T> = Readonly<Record<ClusterName, T>>

export type DemoPorts = {
  readonly http: number
  readonly xds: number
  readonly ingress: number
  readonly envoyAdmin: number
  /** Where the mover tells its figures. */
  readonly mover: number
  /** 0: any free one. */
  readonly postgres: number
  readonly stores: PerCluster<number>
  readonly functions: PerCluster<number>
}

type PortConfig = Pick<
  Config,
  'http' | 'xds' | 'ingress' | 'envoyAdminPort' | 'mover' | 'postgresPort' | 'demoPortBase'
>

const defaultMoverPort = 18_001
const defaults = {
  stores: { hpc: 9010, edge: 9020, cloud: 9030 },
  functions: { hpc: 9101, edge: 9102, cloud: 9103 },
}

/** With a base N all ports lie from N to N+99, so that two demos run side by side. */
export function demoPorts({
  http,
  xds,
  ingress,
  envoyAdminPort,
  mover,
  postgresPort,
  demoPortBase: base,
}: PortConfig): DemoPorts {
  if (base === undefined) {
    const own = { http: http.port, xds: xds.port, ingress: ingress.port, envoyAdmin: envoyAdminPort }
    const figures = { mover: mover.port ?? defaultMoverPort }
    return { ...own, ...figures, postgres: postgresPort, ...defaults }
  }
  return {
    http: base,
    xds: base + 1,
    ingress: base + 2,
    envoyAdmin: base + 3,
    postgres: base + 4,
    mover: base + 5,
    stores: { hpc: base + 10, edge: base + 20, cloud: base + 30 },
    functions: { hpc: base + 41, edge: base + 42, cloud: base + 43 },
  }
}

/** Each port with what listens there. */
export function portUses(ports: DemoPorts): { readonly port: number; readonly use: string }[] {
  const { stores, functions } = ports
  return [
    { port: ports.http, use: 'console and API' },
    { port: ports.xds, use: 'xDS' },
    { port: ports.ingress, use: 'ingress' },
    { port: ports.envoyAdmin, use: "Envoy's admin interface" },
    ...(ports.mover === 0 ? [] : [{ port: ports.mover, use: 'figures of the mover' }]),
    ...(ports.postgres === 0 ? [] : [{ port: ports.postgres, use: 'PostgreSQL' }]),
    ...clusterNames.map((name) => ({ port: stores[name], use: `store ${name}` })),
    ...clusterNames.map((name) => ({ port: functions[name], use: `functions of ${name}` })),
  ]
}
