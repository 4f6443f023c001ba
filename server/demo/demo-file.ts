// `.fado/demo.json`: what a running demo tells programs about itself. Present while all is up, never half written.
import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { signInLink } from '../sign-in-link.ts'
import { at } from './addresses.ts'
import { type ClusterName, clusterNames, type DemoPorts } from './demo-ports.ts'
import { functionsPart, storePart } from './part-names.ts'
import type { DemoStoreKeys } from './parts.ts'

export type DemoFile = {
  readonly graphql: string
  readonly token: string
  /** Signs a browser in. */
  readonly console: string
  readonly ingress: string
  /** What Prometheus scrapes. */
  readonly metrics: readonly string[]
  readonly envoyAdmin: string
  readonly pids: { readonly server: number; readonly envoy: number; readonly postgres: number; readonly mover: number }
  readonly stores: readonly {
    readonly name: ClusterName
    readonly endpoint: string
    readonly accessKey: string
    readonly secretKey: string
    readonly pid: number
  }[]
  readonly functions: readonly { readonly cluster: ClusterName; readonly url: string; readonly pid: number }[]
}

export type DemoFacts = {
  readonly ports: DemoPorts
  readonly token: string
  readonly credentials: DemoStoreKeys
  /** Where browsers reach it: FADO_PUBLIC_URL. */
  readonly publicUrl: string | undefined
}

export function describeDemo(
  { ports, token, credentials, publicUrl }: DemoFacts,
  pids: ReadonlyMap<string, number>,
): DemoFile {
  const pid = (name: string) => pids.get(name) ?? 0
  return {
    graphql: `${at(ports.http)}/graphql`,
    token,
    console: signInLink(publicUrl ?? at(ports.http), token),
    ingress: at(ports.ingress),
    metrics: [ports.http, ports.mover].map((port) => `${at(port)}/metrics`),
    envoyAdmin: at(ports.envoyAdmin),
    pids: { server: pid('server'), envoy: pid('envoy'), postgres: pid('postgres'), mover: pid('mover') },
    stores: clusterNames.map((name) => ({
      name,
      endpoint: at(ports.stores[name]),
      ...credentials,
      pid: pid(storePart(name)),
    })),
    functions: clusterNames.map((cluster) => ({
      cluster,
      url: at(ports.functions[cluster]),
      pid: pid(functionsPart(cluster)),
    })),
  }
}

export type DemoFileWriter = { readonly write: (file: DemoFile) => Promise<void>; readonly remove: () => Promise<void> }

export const demoFileIn = (stateDir: string): string => path.join(stateDir, 'demo.json')

/** One after the other, so that the last one written is the last one asked for; after `remove` nothing is written. */
export function createDemoFileWriter(stateDir: string): DemoFileWriter {
  const file = demoFileIn(stateDir)
  const draft = `${file}.new`
  let last: Promise<void> = Promise.resolve()
  let removed = false
  const then = (work: () => Promise<void>) => {
    last = last.catch(() => undefined).then(work)
    return last
  }
  return {
    write: (content) =>
      then(async () => {
        if (removed) return
        await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
        await rename(draft, file)
      }),
    remove() {
      removed = true
      return then(async () => {
        await rm(draft, { force: true })
        await rm(file, { force: true })
      })
    },
  }
}
