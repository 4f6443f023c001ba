// What `fado get functions` shows.
import type { TakenCalls } from '../../graphql/generated/operations.ts'
import { listOf } from '../domain/reason.ts'
import type { Api } from './api.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { healthText, loadClusters } from './get-clusters.ts'
import { hintLines } from './hint-lines.ts'
import type { Column } from './output.ts'

type Functions = Awaited<ReturnType<typeof loadClusters>>[number]['faasDeployments'][number]

/** All, or those of the cluster of this name. */
export async function loadFunctions(api: Api, only?: string): Promise<(Functions & { readonly cluster: string })[]> {
  const clusters = await loadClusters(api)
  const found = only === undefined ? clusters : clusters.filter(({ name }) => name === only)
  if (only !== undefined && found.length === 0)
    throw new CommandFailure(exitCodes.refused, `There is no cluster ${only} (NOT_FOUND)`)
  return found.flatMap(({ name: cluster, faasDeployments }) => faasDeployments.map((one) => ({ cluster, ...one })))
}

/** In brackets: nobody said so, its platform lists them. */
export function haveText({ functions, listsFunctions }: Pick<Functions, 'functions' | 'listsFunctions'>): string {
  if (functions === null) return 'any'
  const names = functions.length === 0 ? 'none' : listOf(functions)
  return listsFunctions ? `${names} (listed)` : names
}

/** As whom FaDO calls. */
export function authText({ auth }: Pick<Functions, 'auth'>): string | null {
  if (auth === null) return null
  const { kind, as, service, region } = auth
  return [kind, as, ...(service === null ? [] : [`for ${service} in ${region}`])]
    .filter((one) => one !== null)
    .join(' ')
}

/** What of a call goes where. */
export function callText({
  usedPathTemplate,
  usedPayload,
  takes,
}: Pick<Functions, 'usedPathTemplate' | 'usedPayload' | 'takes'>): string {
  const said = [...(usedPayload === 'HTTP' ? [] : [usedPayload]), ...takesWords[takes]]
  return said.length === 0 ? usedPathTemplate : `${usedPathTemplate} (${said.join(', ')})`
}

const takesWords: Readonly<Record<TakenCalls, readonly string[]>> = { PLAIN: [], GRPC: ['gRPC'], BOTH: ['also gRPC'] }

export const functionColumns: readonly Column<Functions & { readonly cluster: string }>[] = [
  { title: 'CLUSTER', of: ({ cluster }) => cluster },
  { title: 'KIND', of: ({ kind }) => kind },
  { title: 'URL', of: ({ url }) => url },
  { title: 'ADDRESSES', of: ({ addresses }) => addresses.join(', ') },
  { title: 'WEIGHT', of: ({ weight }) => weight },
  { title: 'CALLS', of: callText },
  { title: 'FUNCTIONS', of: haveText },
  { title: 'AUTH', of: authText },
  { title: 'STATE', of: ({ health }) => healthText(health) },
  { title: 'HINTS', of: ({ hints }) => hints.map(({ code }) => code).join(', ') },
  { title: 'ID', of: ({ id }) => id },
]

export const functionHints = (rows: readonly Pick<Functions, 'url' | 'hints'>[]): string =>
  hintLines(rows.map(({ url: name, hints }) => ({ name, hints })))
