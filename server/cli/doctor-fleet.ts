// What the FaDO that commands speak to knows of its fleet. Whether a store or an Envoy reaches it is not seen from here.
import { CliClosedBucketsDocument } from '../../graphql/generated/operations.ts'
import { namesNobody } from '../domain/explain/say-decision.ts'
import { isInTrouble } from '../domain/fleet/in-trouble.ts'
import { isUnserved } from '../domain/links/unserved.ts'
import { counted, isReason, listOf, type ReasonCode } from '../domain/reason.ts'
import { type Api, createApi } from './api.ts'
import type { Target } from './connection.ts'
import { CommandFailure, isUnavailable } from './failure.ts'
import { broken, type Found, notAsked, ok } from './finding.ts'
import { healthText, loadClusters, storeStateText } from './get-clusters.ts'
import { type ListedLink, loadLinks } from './get-replication.ts'

const timeoutMs = 5_000

/** What probes find. */
async function probed(api: Api, part: string): Promise<Found> {
  const clusters = await loadClusters(api)
  const stores = clusters.flatMap(({ storageDeployments }) => storageDeployments)
  const functions = clusters.flatMap(({ faasDeployments }) => faasDeployments)
  const isDown = ({ health }: (typeof stores | typeof functions)[number]) => health.status === 'UNHEALTHY'
  const ill = [
    ...stores.filter((store) => isDown(store) || isInTrouble(store)).map((one) => `${one.name} ${storeStateText(one)}`),
    ...functions.filter(isDown).map(({ url, health }) => `${url} ${healthText(health)}`),
    ...refusingOf(functions.filter((one) => !isDown(one))),
  ]
  const seen = `${counted(stores.length, 'store')}, ${counted(functions.length, 'function deployment')}, as FaDO probes them`
  if (ill.length > 0) {
    const cure =
      'see to what is down or in trouble: start it, or correct its address or key (page Clusters of the console)'
    return broken(part, ill.join(', '), cure)
  }
  const notes = notesOf(stores, functions)
  const detail = [seen, ...notes.map(({ said }) => said)].join('; ')
  return { part, state: 'ok', detail, cure: notes.map(({ cure }) => cure).join('; ') || null }
}

type Fleet = Awaited<ReturnType<typeof loadClusters>>[number]

/** Those that answer their probes and refuse FaDO's key, as words. */
export const refusingOf = (
  functions: readonly Pick<Fleet['faasDeployments'][number], 'url' | 'health' | 'hints'>[],
): string[] =>
  functions.flatMap(({ url, health, hints }) =>
    hints
      .filter((hint) => isReason(hint, 'PLATFORM_REFUSES'))
      .map(({ message }) => `${url} ${health.status}, in trouble (${message})`),
  )

type Stores = readonly (Pick<Fleet['storageDeployments'][number], 'name' | 'hints'> & {
  readonly events: { readonly state: string }
})[]
type Functions = readonly Pick<Fleet['faasDeployments'][number], 'id' | 'url' | 'hints'>[]
type Note = { readonly said: string; readonly cure: string }

/** What works, and what a person should know of nevertheless. */
export function notesOf(stores: Stores, functions: Functions): Note[] {
  const hinted = (code: ReasonCode) => (one: Stores[number] | Functions[number]) =>
    one.hints.some((hint) => isReason(hint, code))
  const silent = stores.filter(({ events }) => events.state === 'SILENT')
  const unchecked = [
    ...stores.filter(hinted('CERTIFICATE_UNCHECKED')).map(({ name }) => ({ name, command: `store update ${name}` })),
    ...functions
      .filter(hinted('CERTIFICATE_UNCHECKED'))
      .map(({ id, url }) => ({ name: url, command: `function update ${id}` })),
  ]
  const others = functions.filter(hinted('NOT_THE_PLATFORM')).map(({ url: name }) => ({ name }))
  return [
    ...noteOf(silent, (names, { name }) => ({
      said: `${names} changed and did not tell, so looks are frequent`,
      cure: `fado store events ${name}`,
    })),
    ...noteOf(unchecked, (names, { command }) => ({
      said: `the certificate of ${names} is not checked`,
      cure: `fado ${command} --ca-file FILE --no-skip-tls-verify`,
    })),
    ...noteOf(others, (names) => ({
      said: `${names} may be another platform than it is taken for`,
      cure: 'fado get functions says why',
    })),
  ]
}

/** None where it is so of none; else of all, with the cure of the first. */
function noteOf<One extends { readonly name: string }>(
  all: readonly One[],
  note: (names: string, first: One) => Note,
): Note[] {
  const [first] = all
  return first === undefined ? [] : [note(all.map(({ name }) => name).join(', '), first)]
}

/** Whether something moves what copies lack. */
const movers = async (api: Api, part: string): Promise<Found> => linksFinding(part, await loadLinks(api))

type Served = Pick<ListedLink, 'movers' | 'copies'> & Record<'from' | 'to', { readonly name: string }>

export function linksFinding(part: string, links: readonly Served[]): Found {
  const unserved = links.filter(isUnserved)
  const used = links.filter(({ copies }) => copies > 0)
  if (used.length === 0) return ok(part, 'no store has copies of another, so none is needed')
  if (unserved.length === 0)
    return ok(part, `${counted(used.length, 'link')} between stores with copies, and a mover for each`)
  const names = listOf(unserved.map(({ from, to }) => `${from.name} -> ${to.name}`))
  const detail = `none serves ${names}: what changes does not come to the copies there`
  return broken(part, detail, 'start one: fado serve --role mover, with these links among its --links, or without')
}

/** Whether each bucket lets in somebody. */
async function callers(api: Api, part: string): Promise<Found> {
  const { buckets } = await api.run(CliClosedBucketsDocument, {})
  const names = buckets.nodes.map(({ name }) => name)
  return callersFinding(part, names, buckets.totalCount)
}

/** `some`: the first of those on which nobody may call, by name. */
export function callersFinding(part: string, some: readonly string[], total: number): Found {
  if (total === 0) return ok(part, 'somebody may call on each bucket')
  const cure =
    'name others: fado policy set callers=NAME --bucket BUCKET; or create one anew: fado caller create NAME --key'
  return broken(part, `nobody may call ${listOf(some, 5, total)}: ${namesNobody()}`, cure)
}

const looks: Readonly<Record<string, (api: Api, part: string) => Promise<Found>>> = {
  'stores and functions': probed,
  movers,
  callers,
}

const reach = 'see that FaDO runs there, and that --server and --token (or FADO_URL and FADO_TOKEN) are right'
const database = 'see that its PostgreSQL runs and that FaDO reaches it: docs/postgresql.md'

/**
 * `target`: a failure where there is none to be asked, for that reason. One that is asked may be away: this machine's need not run,
 * another one that was named should. One that answers without its database is broken, wherever it runs.
 */
export async function examineFleet(target: Target | CommandFailure, isOwn: boolean): Promise<Found[]> {
  const unasked = (part: string, failure: unknown): Found => {
    if (!(failure instanceof CommandFailure)) throw failure
    if (isUnavailable(failure)) return broken(part, failure.message, database)
    return isOwn ? notAsked(part, failure.message) : broken(part, failure.message, reach)
  }
  if (target instanceof CommandFailure) return Object.keys(looks).map((part) => unasked(part, target))
  const api = createApi({ ...target, signal: AbortSignal.timeout(timeoutMs) })
  return Promise.all(
    Object.entries(looks).map(([part, look]) => look(api, part).catch((failure: unknown) => unasked(part, failure))),
  )
}
