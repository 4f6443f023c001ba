// The links between stores, and pauses.
import type { LinkView, PauseView } from '../../server/services/replication/read-links.ts'
import { builder } from './builder.ts'
import { StorageDeployment } from './cluster.ts'
import { pageComplexity } from './connection.ts'
import { Reason } from './reason.ts'
import { Replica } from './replica.ts'

export const ReplicationPause = builder.objectRef<PauseView>('ReplicationPause').implement({
  description: "Copying that stands still by a user's order.",
  fields: (t) => ({
    by: t.exposeString('by', { description: 'The token that ordered it.' }),
    since: t.field({ type: 'DateTime', resolve: ({ since }) => since }),
  }),
})

const Backlog = builder.objectRef<LinkView['waiting']>('Backlog').implement({
  description: 'What waits and nobody works on yet.',
  fields: (t) => ({
    objects: t.field({ type: 'BigInt', resolve: ({ objects }) => objects }),
    bytes: t.field({ type: 'BigInt', description: 'As far as sizes are known.', resolve: ({ bytes }) => bytes }),
  }),
})

const LinkLimit = builder.objectRef<LinkView>('LinkLimit').implement({
  fields: (t) => ({
    bytesPerSecond: t.float({
      nullable: true,
      description:
        'The smaller limit of the clusters of both ends that holds now: bandwidth_limit, or bandwidth_outside_window. Null: none.',
      resolve: ({ limit }) => limit?.bytesPerSecond ?? null,
    }),
    concurrency: t.int({
      nullable: true,
      description: '`limit` of `Link.concurrency`.',
      resolve: ({ concurrency }) => concurrency?.limit ?? null,
    }),
  }),
})

type ConcurrencyView = NonNullable<LinkView['concurrency']>

const LoweredConcurrency = builder.objectRef<NonNullable<ConcurrencyView['lowered']>>('LoweredConcurrency').implement({
  description: 'What lowered the limit of a link last.',
  fields: (t) => ({
    reason: t.field({ type: Reason, resolve: ({ reason }) => reason }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
  }),
})

const LinkConcurrency = builder.objectRef<ConcurrencyView>('LinkConcurrency').implement({
  description:
    'How much is under way at once on a link. A small object is 1; a large one an eighth of the limit, and 4 at least.',
  fields: (t) => ({
    limit: t.exposeInt('limit', {
      description: 'What movers found by how fast its stores answer, and whether they do.',
    }),
    inUse: t.exposeInt('inUse', {
      description: 'Of the limit. What was under way when that fell ends above it and is not counted here.',
    }),
    most: t.exposeInt('most', { description: 'No limit goes above it.' }),
    lowered: t.field({
      type: LoweredConcurrency,
      nullable: true,
      description: 'Null: nothing did since its movers began.',
      resolve: ({ lowered }) => lowered,
    }),
  }),
})

type WindowView = LinkView['windows'][number]

const LinkWindow = builder.objectRef<WindowView>('LinkWindow').implement({
  description: 'When bytes are copied to and from a cluster: its replication_window.',
  fields: (t) => ({
    cluster: t.exposeString('cluster', { description: 'Its name.' }),
    value: t.exposeString('text', { description: 'As it is set, such as 22:00-06:00 Europe/Berlin.' }),
    open: t.exposeBoolean('open'),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it closes, or opens; null: it stays so.',
      resolve: ({ until }) => (until === null ? null : new Date(until)),
    }),
    bytesPerSecond: t.float({
      nullable: true,
      description: 'What passes outside of it (bandwidth_outside_window); null: nothing is copied then.',
      resolve: ({ outside }) => outside,
    }),
    message: t.exposeString('message', { description: 'The same in words.' }),
  }),
})

const bytesOfGb = 1e9

const LinkMonth = builder.objectRef<LinkView>('LinkMonth').implement({
  description: 'What went over a link in this calendar month (UTC).',
  fields: (t) => ({
    bytes: t.field({ type: 'BigInt', resolve: ({ monthBytes }) => monthBytes }),
    cost: t.float({
      nullable: true,
      description: 'At the present price; null: there is none.',
      resolve: ({ monthBytes, costPerGb }) => (costPerGb === null ? null : (monthBytes / bytesOfGb) * costPerGb),
    }),
  }),
})

const LinkComparing = builder.objectRef<NonNullable<LinkView['comparing']>>('LinkComparing').implement({
  fields: (t) => ({
    objectsDone: t.field({ type: 'BigInt', resolve: ({ objectsDone }) => objectsDone }),
    objectsTotal: t.field({ type: 'BigInt', resolve: ({ objectsTotal }) => objectsTotal }),
  }),
})

const Link = builder.objectRef<LinkView>('Link').implement({
  description:
    'The way from a store of masters, or of copies that lend what they hold, to a store of copies. Figures are those of all movers together.',
  fields: (t) => ({
    from: t.field({ type: StorageDeployment, resolve: (link) => link.fromStorageId }),
    to: t.field({ type: StorageDeployment, resolve: (link) => link.toStorageId }),
    reasons: t.field({
      type: [Reason],
      description: 'Why bytes came over it last, of copies that could have had them from several stores.',
      resolve: ({ reasons }) => [...reasons],
    }),
    paused: t.boolean({ resolve: ({ pause }) => pause !== null }),
    pause: t.field({ type: ReplicationPause, nullable: true, resolve: ({ pause }) => pause }),
    bytesPerSecond: t.float({
      nullable: true,
      description: 'Over the last 10 s; null: no byte went over it.',
      resolve: ({ bytesPerSecond }) => bytesPerSecond,
    }),
    objectsPerSecond: t.float({
      nullable: true,
      description: 'Objects that were done over the last 10 s, deletes included; null: none was.',
      resolve: ({ objectsPerSecond }) => objectsPerSecond,
    }),
    roundTripMs: t.float({
      nullable: true,
      description: 'The fastest answers of both stores to the mover over the last 10 s, added; null while it is idle.',
      resolve: ({ roundTripMs }) => roundTripMs,
    }),
    moving: t.exposeInt('moving', { description: 'Objects that movers work on now.' }),
    movers: t.exposeInt('movers', {
      description: 'Movers that run and work on it; one that was killed counts for 5 s more.',
    }),
    copies: t.exposeInt('copies', {
      description: 'Copies at its end of masters at its beginning: without a mover nothing is copied to them.',
    }),
    waiting: t.field({ type: Backlog, resolve: ({ waiting }) => waiting }),
    comparing: t.field({
      type: LinkComparing,
      nullable: true,
      description:
        'Copies that are taken over along it, which are compared by content and hardly cost bytes. Null: none is.',
      resolve: ({ comparing }) => comparing,
    }),
    costPerGb: t.float({
      nullable: true,
      description:
        'What a GB (10^9 bytes) costs that leaves its first cluster (cost_per_gb); null: nothing, or it was not said.',
      resolve: ({ costPerGb }) => costPerGb,
    }),
    month: t.field({ type: LinkMonth, resolve: (link) => link }),
    windows: t.field({
      type: [LinkWindow],
      description: 'Those of the clusters of both ends that have one.',
      resolve: ({ windows }) => [...windows],
    }),
    limit: t.field({ type: LinkLimit, resolve: (link) => link }),
    concurrency: t.field({
      type: LinkConcurrency,
      nullable: true,
      description:
        'Null while no mover works on it, and where the link from the master counts, for its bytes are lent.',
      resolve: ({ concurrency }) => concurrency,
    }),
  }),
})

builder.queryField('waitingReplicas', (t) =>
  t.field({
    type: [Replica],
    args: { first: t.arg.int({ required: true, defaultValue: 25, description: '1 to 100.' }) },
    complexity: pageComplexity,
    description: 'Copies that lack something: those for which the oldest change waits longest first.',
    resolve: (_root, { first }, { services }) => services.waitingReplicas(first),
  }),
)

builder.queryField('links', (t) =>
  t.field({
    type: [Link],
    complexity: { field: 1, multiplier: 20 },
    args: {
      used: t.arg.boolean({
        description:
          'Only those over which something goes or for which something waits, those that are paused, and those without a mover.',
      }),
    },
    description: 'The pairs of stores between which objects are copied or were last, and those that are paused.',
    resolve: (_root, { used }, { services }) => services.links(used === true),
  }),
)
