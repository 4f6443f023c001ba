// `fado get`: what there is and how it is.
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { CliProxiesDocument, type CliProxiesQuery } from '../../graphql/generated/operations.ts'
import { bytes } from '../byte-words.ts'
import { roughDuration } from '../domain/duration-words.ts'
import { isReason } from '../domain/reason.ts'
import type { Api } from './api.ts'
import { type CommandContext, connect, rowsAsText, wantsJson } from './context.ts'
import { CommandFailure } from './failure.ts'
import { type Bucket, bucketColumns, list, readBuckets } from './get-buckets.ts'
import { callerColumns, loadCallers } from './get-callers.ts'
import { callColumns, loadCalls } from './get-calls.ts'
import { clusterColumns, loadClusters, loadStores, storeColumns, storeHints } from './get-clusters.ts'
import { conformanceColumns, loadConformance } from './get-conformance.ts'
import { functionColumns, functionHints, loadFunctions } from './get-functions.ts'
import { healthColumns, loadHealth } from './get-health.ts'
import { linkColumns, loadLinks, loadWaiting, waitColumns } from './get-replication.ts'
import { loadRoutes, routeColumns, routeHints, waits } from './get-routes.ts'
import { loadRuns, runColumns } from './get-runs.ts'
import { loadSweeps, sweepColumns } from './get-sweeps.ts'
import { loadTokens, tokenColumns } from './get-tokens.ts'
import type { Column } from './output.ts'

/** `asOf`: of when the copy is; see `asOf`. */
type Replica = Bucket['replicas'][number] & { readonly bucket: string; readonly asOf: string }
type Proxy = CliProxiesQuery['proxies'][number]

/** A copy is as of then. */
const stops = ['MASTER_MISSING', 'MASTER_REPLACED', 'MASTER_REGRESSED'] as const

/** One that goes waits for the proxies to agree; their names are with its bucket's route. */
const loadReplicas = async (api: Api): Promise<Replica[]> =>
  (await readBuckets(api)).flatMap(({ name, master, replicas, route }) =>
    replicas.map((replica) => ({
      bucket: name,
      asOf: asOf(master, replica),
      ...replica,
      cause: replica.cause ?? (replica.state === 'WITHDRAWING' ? waits(route) : null),
    })),
  )

/**
 * Up to when the master's changes are known: the last look at one of which no events tell, or none that are believed, the moment at
 * which one was found to be missing, another one or an earlier one, else now. Of changes that are known the oldest that the copy
 * lacks counts, held deletes too.
 */
function asOf({ events, lastVerifiedAt }: Bucket['master'], { lag, causes }: Bucket['replicas'][number]): string {
  const stop = causes.find((cause) => stops.some((code) => isReason(cause, code)))
  if (stop?.since) return stop.since
  if (events.state !== 'BELIEVED') return lastVerifiedAt ?? 'never'
  return lag.oldestSeconds > 0 ? `${roughDuration(lag.oldestSeconds)} ago` : 'now'
}

/** Deletes that the brake holds are no objects to be copied, but the copy lacks them; CAUSE says how many. */
function behind({ lag: { objects, oldestSeconds } }: Replica): string | null {
  const age = roughDuration(oldestSeconds)
  if (objects > 0) return `${objects} ${objects === 1 ? 'object' : 'objects'}, ${age}`
  return oldestSeconds > 0 ? age : null
}

/** A copy takes no calls, however fresh it is, where its cluster has no functions, or none that answer. */
export function servingText({ serving, storageDeployment }: Pick<Replica, 'serving' | 'storageDeployment'>): string {
  const { faasDeployments: functions } = storageDeployment.cluster
  if (functions.length === 0) return serving ? 'yes' : 'no (no functions)'
  if (!serving) return 'no'
  return functions.every(({ health }) => health.status === 'UNHEALTHY') ? 'no (its functions do not answer)' : 'yes'
}

/** How far a first copy is, or one that is taken over. */
export function doneText({ state, progress }: Pick<Replica, 'state' | 'progress'>): string | null {
  if (state !== 'SYNCING' || progress === null) return null
  const { phase, objectsDone, objectsTotal, bytesDone, bytesTotal } = progress
  const share = (done: number, total: number) => `${total === 0 ? 0 : Math.floor((100 * done) / total)} %`
  if (phase === 'comparing')
    return `${objectsDone} of ${objectsTotal} objects compared, ${share(objectsDone, objectsTotal)}`
  if (bytesTotal === 0) return `${objectsDone} of ${objectsTotal} objects, ${share(objectsDone, objectsTotal)}`
  return `${bytes(bytesDone)} of ${bytes(bytesTotal)}, ${share(bytesDone, bytesTotal)}`
}

const replicaColumns: readonly Column<Replica>[] = [
  { title: 'BUCKET', of: ({ bucket }) => bucket },
  { title: 'STORE', of: ({ storageDeployment }) => storageDeployment.name },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'SERVING', of: servingText },
  { title: 'DONE', of: doneText },
  { title: 'BEHIND', of: behind },
  { title: 'ABOUT', of: ({ lag: { etaSeconds } }) => (etaSeconds === null ? null : roughDuration(etaSeconds)) },
  { title: 'AS OF', of: ({ asOf }) => asOf },
  { title: 'COPIED FROM', of: ({ source }) => `${source.storageDeployment.name} (${source.reason.code})` },
  {
    title: 'VERSIONS',
    of: ({ versioning }) => (versioning === null || versioning.versions === 'NONE' ? null : versioning.versions),
  },
  { title: 'CAUSE', of: ({ cause }) => cause },
]

const proxyColumns: readonly Column<Proxy>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NODE', of: ({ nodeId }) => nodeId },
  { title: 'CONNECTED', of: ({ connectedSince }) => connectedSince ?? 'no' },
  { title: 'CONTROL PLANE', of: ({ controlPlane }) => controlPlane },
  { title: 'GONE SINCE', of: ({ goneSince }) => goneSince },
  { title: 'COUNTS UNTIL', of: ({ countsUntil }) => countsUntil },
  { title: 'VERSION', of: ({ version }) => version },
  {
    title: 'RESOURCES',
    of: ({ resources }) =>
      `${resources.filter(({ state }) => state === 'ACKED').length} of ${resources.length} accepted`,
  },
  { title: 'REFUSED', of: ({ resources }) => list(resources.flatMap(({ error }) => error ?? [])) },
]

const watchMs = 1_000
const clearScreen = '\u001b[2J\u001b[H'

/**
 * Shows again and again what `look` resolves to, until Ctrl-C or until a line finds no reader; a FaDO that is away for a
 * while does not end it.
 */
async function watch({ print, readerGone }: CommandContext, look: () => Promise<string>): Promise<void> {
  const gone = new Promise<void>((resolve) => readerGone.addEventListener('abort', () => resolve(), { once: true }))
  for (let shown: string | undefined; !readerGone.aborted; ) {
    const now = await Promise.race([gone, look()]).catch((error: unknown) => {
      if (error instanceof CommandFailure) return error.message
      throw error
    })
    if (now === undefined) return
    if (now !== shown) print(process.stdout.isTTY ? `${clearScreen}${now}` : now)
    shown = now
    await Promise.race([gone, delay(watchMs)])
  }
}

/** What may be named, to see only that; and what is said below a table that has lines. */
type More<Row> = { readonly of?: 'bucket' | 'store' | 'cluster'; readonly below?: (rows: readonly Row[]) => string }

export function addGetCommands(program: Command, context: CommandContext): void {
  const get = program
    .command('get')
    .description(
      'show clusters, stores, functions, how they came and went (health), buckets, replicas, links, what waits, how work went, how late changes came, how often copies are compared, routes, calls, callers, proxies or tokens',
    )
  function add<Row>(
    name: string,
    what: string,
    columns: readonly Column<Row>[],
    load: (api: Api, only?: string) => Promise<readonly Row[]>,
    /** What is said where there is no line. */
    nothing: string,
    { of, below }: More<Row> = {},
  ) {
    const command = get.command(name).description(what)
    if (of !== undefined) command.argument(`[${of}]`, 'only this one')
    command
      .option('-w, --watch', 'show it again whenever it changes, until Ctrl-C or until nobody reads it')
      .action(async () => {
        const [only] = command.args
        const look = async () => {
          const rows = await load(await connect(context, command), only)
          const said = rows.length === 0 ? nothing : (below?.(rows) ?? '')
          const more = wantsJson(command) ? '' : said
          return rowsAsText(command, columns, rows) + (more === '' ? '' : `\n\n${more}`)
        }
        if (command.opts<{ watch?: boolean }>().watch) await watch(context, look)
        else context.print(await look())
      })
  }
  add(
    'clusters',
    'clusters with their zones, stores and functions',
    clusterColumns,
    loadClusters,
    'No cluster yet: fado cluster add NAME adds one.',
  )
  add(
    'stores',
    'stores, what they can do, and what is weaker with them',
    storeColumns,
    loadStores,
    'No store yet: fado store add NAME --cluster CLUSTER adds one.',
    { of: 'store', below: storeHints },
  )
  add(
    'functions',
    'function deployments: how they are called, which functions they have, as whom FaDO calls, and how they are',
    functionColumns,
    loadFunctions,
    'No function deployment yet: fado function add --cluster CLUSTER --url URL adds one.',
    { of: 'cluster', below: functionHints },
  )
  add(
    'health',
    'how stores and functions came and went, the last first',
    healthColumns,
    loadHealth,
    'Nothing came or went yet.',
    { of: 'cluster' },
  )
  add(
    'buckets',
    'buckets, where they are, and whether calls reach them',
    bucketColumns,
    readBuckets,
    'No bucket yet: fado bucket create NAME --store STORE makes one.',
  )
  add(
    'replicas',
    'every copy but the masters, and how far behind it is',
    replicaColumns,
    loadReplicas,
    'No replica: the policy target_replica_count says how many a bucket has.',
  )
  add(
    'routes',
    'which clusters the calls of each bucket go to',
    routeColumns,
    loadRoutes,
    'No route: each bucket has one, and there is no bucket yet.',
    { below: routeHints },
  )
  add(
    'calls',
    'what calls were in the last minute, by bucket and cluster; of one bucket by function, too',
    callColumns,
    loadCalls,
    'No call in the last minute. One that has ended is seen 2 to 8 s later.',
    { of: 'bucket' },
  )
  add(
    'proxies',
    'the Envoys, and what they have accepted',
    proxyColumns,
    async (api) => {
      const { proxies } = await api.run(CliProxiesDocument, {})
      return proxies
    },
    'No Envoy yet: fado envoy bootstrap prints what one starts with (docs/envoy.md).',
  )
  add(
    'links',
    'the ways between stores, and what goes over them',
    linkColumns,
    loadLinks,
    'No link: nothing is copied from one store to another.',
  )
  add(
    'waiting',
    'copies that lack something, the oldest change first, and what they wait for',
    waitColumns,
    loadWaiting,
    'Nothing waits.',
  )
  add(
    'runs',
    'how work on whole copies went, the latest first; of one bucket also comparisons that found nothing',
    runColumns,
    loadRuns,
    'Nothing to tell of the last 30 days.',
    { of: 'bucket' },
  )
  add(
    'conformance',
    'how late changes reached copies, by month, and the slowest of them; first copies do not count',
    conformanceColumns,
    loadConformance,
    'No change reached a copy yet; first copies do not count.',
    { of: 'bucket' },
  )
  add(
    'sweeps',
    'how often masters and copies are compared as a whole, why so often, and what that costs',
    sweepColumns,
    loadSweeps,
    'Nothing is compared yet.',
    { of: 'bucket' },
  )
  add(
    'callers',
    'who may be named by the policy callers',
    callerColumns,
    loadCallers,
    'No caller yet: fado caller create NAME --key makes one (docs/callers.md).',
  )
  add('tokens', 'tokens of the API (for an ADMIN)', tokenColumns, loadTokens, 'No token.')
}
