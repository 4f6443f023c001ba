// What `fado get clusters` and `fado get stores` show.
import { CliClustersDocument, type CliClustersQuery } from '../../graphql/generated/operations.ts'
import { isInTrouble } from '../domain/fleet/in-trouble.ts'
import { storeCapabilities } from '../domain/fleet/store-capability.ts'
import { isReason, type ReasonCode } from '../domain/reason.ts'
import { type Api, allPages } from './api.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { hintLines } from './hint-lines.ts'
import type { Column } from './output.ts'

/** Pages of this size stay below the server's limit of cost, also those of buckets, which bring their replicas and routes along. */
export const pageSize = 25

type Cluster = CliClustersQuery['clusters']['nodes'][number]

export const loadClusters = (api: Api): Promise<Cluster[]> =>
  allPages(async (after) => (await api.run(CliClustersDocument, { first: pageSize, after })).clusters)

const list = (texts: readonly string[]) => texts.join(', ')

type Health = Cluster['storageDeployments'][number]['health']

/** When it is back where it is coming back, and, in brackets, what is amiss. */
export const healthText = ({ status, backAt, detail }: Pick<Health, 'status' | 'backAt' | 'detail'>): string =>
  `${status}${backAt === null ? '' : ` until ${backAt}, if it stays well`}${detail === null ? '' : ` (${detail})`}`

type StoreState = Pick<Cluster['storageDeployments'][number], 'health' | 'troubles'>

export const storeStateText = (store: StoreState): string =>
  isInTrouble(store)
    ? `${store.health.status}, in trouble (${list(store.troubles.map(({ message }) => message))})`
    : healthText(store.health)

/** What is amiss though probes are answered. */
const warnings: readonly (readonly [code: ReasonCode, said: string])[] = [
  ['PLATFORM_REFUSES', 'refuses the key'],
  ['NOT_THE_PLATFORM', 'may be another platform'],
  ['CERTIFICATE_UNCHECKED', 'certificate not checked'],
]
const warningsText = (hints: readonly { readonly code: string }[]): string =>
  warnings.flatMap(([code, said]) => (hints.some((hint) => isReason(hint, code)) ? [`, ${said}`] : [])).join('')

/** A warning goes with it; what is merely weaker is said by `fado get stores`. */
const storeText = ({ name, hints, ...store }: Cluster['storageDeployments'][number]): string =>
  `${name} ${storeStateText(store)}${warningsText(hints)}`

type FunctionsState = Pick<Cluster['faasDeployments'][number], 'kind' | 'url' | 'health' | 'hints'>

export const functionsText = ({ kind, url, health, hints }: FunctionsState): string =>
  `${kind} ${url} ${healthText(health)}${warningsText(hints)}`

export const clusterColumns: readonly Column<Cluster>[] = [
  { title: 'CLUSTER', of: ({ name }) => name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'ZONES', of: ({ zones }) => list(zones) },
  {
    title: 'STORES',
    of: ({ storageDeployments: stores }) => list(stores.map(storeText)),
  },
  {
    title: 'FUNCTIONS',
    of: ({ faasDeployments: all }) => list(all.map(functionsText)),
  },
]

type Store = Cluster['storageDeployments'][number] & { readonly cluster: string }

/** All, or the one of this name. */
export async function loadStores(api: Api, name?: string): Promise<Store[]> {
  const stores = (await loadClusters(api)).flatMap(({ name: cluster, storageDeployments }) =>
    storageDeployments.map((store) => ({ cluster, ...store })),
  )
  if (name === undefined) return stores
  const found = stores.filter((store) => store.name === name)
  if (found.length === 0) throw new CommandFailure(exitCodes.refused, `There is no store ${name} (NOT_FOUND)`)
  return found
}

/** The form in which they come, and what is amiss with them. */
function eventsText({ events: { state, form } }: Store): string {
  if (state === 'NONE') return 'none'
  const by = form === null ? 'none yet' : form.toLowerCase().replaceAll('_', '-')
  return state === 'BELIEVED' ? by : `${by} (${state})`
}

/** What it lacks is the shorter list. */
function canText({ capabilities: can }: Store): string {
  if (can.length === 0) return 'not known'
  const lacks = storeCapabilities.filter((one) => !can.includes(one))
  return lacks.length === 0 ? 'all' : `all but ${list(lacks)}`
}

const hintsOf = ({ hints, events }: Store) => [...hints, ...events.hints]

/** What it lacks is named under CAN. */
export const storeHints = (stores: readonly Store[]): string =>
  hintLines(stores.map((store) => ({ name: store.name, hints: hintsOf(store) })))

export const storeColumns: readonly Column<Store>[] = [
  { title: 'STORE', of: ({ name }) => name },
  { title: 'CLUSTER', of: ({ cluster }) => cluster },
  { title: 'ENDPOINT', of: ({ endpoint }) => endpoint },
  { title: 'REGION', of: ({ region }) => region },
  { title: 'ADDRESSING', of: ({ addressing }) => (addressing === 'AUTO' ? null : addressing) },
  { title: 'STATE', of: storeStateText },
  { title: 'CAN', of: canText },
  { title: 'EVENTS', of: eventsText },
  { title: 'LAST EVENT', of: ({ events }) => events.lastEventAt ?? (events.state === 'NONE' ? null : 'never') },
  { title: 'HINTS', of: (store) => list([...new Set(hintsOf(store).map(({ code }) => code))]) },
]
