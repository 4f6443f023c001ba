// What calls were in the last minute.
import { toldSeconds, windowSeconds } from '../../server/domain/calls/figures.ts'
import type { InvocationsView } from '../../server/services/calls/invocations.ts'
import { tell } from '../follow.ts'
import { bucketNamed } from './bucket-named.ts'
import { builder } from './builder.ts'
import { Cluster } from './cluster.ts'
import { FaasDeployment } from './faas.ts'

type Figures = InvocationsView['total']
const minute = `A second, over the last ${toldSeconds} s.`

const Invocations = builder.interfaceRef<Figures>('Invocations').implement({
  description: `What calls were over the last ${toldSeconds} s, as Envoys told when they ended. Times are those that callers waited, retries included; a quantile is at most 1/32 off, or 1 ms.`,
  fields: (t) => ({
    callsPerSecond: t.exposeFloat('callsPerSecond', { description: minute }),
    p50Ms: t.exposeFloat('p50Ms', { nullable: true, description: 'Null: there were no calls.' }),
    p95Ms: t.exposeFloat('p95Ms', { nullable: true }),
    p99Ms: t.exposeFloat('p99Ms', { nullable: true }),
    functionErrors: t.exposeFloat('functionErrors', { description: `The function answered 5xx. ${minute}` }),
    platformErrors: t.exposeFloat('platformErrors', {
      description: `No function deployment could be reached, or the call was cut off or took too long. ${minute}`,
    }),
    keyErrors: t.exposeFloat('keyErrors', {
      description: `The platform refused FaDO: it does not take its key or signature. ${minute}`,
    }),
    fadoErrors: t.exposeFloat('fadoErrors', {
      description: `FaDO had no copy to send the call to, or more calls at once than it may. ${minute}`,
    }),
    refused: t.exposeFloat('refused', {
      description: `Calls that FaDO refused for what their callers did: no errors. They may not call, or name no bucket or function. ${minute}`,
    }),
    givenUp: t.exposeFloat('givenUp', {
      description: `Calls that their callers gave up, or that were not over by their own deadline (gRPC): no errors. ${minute}`,
    }),
    retries: t.exposeFloat('retries', { description: `Tries after the first. ${minute}` }),
    recent: t.floatList({
      description: `Calls a second, for every ${windowSeconds} s of the minute, the oldest first.`,
      resolve: ({ recent }) => [...recent],
    }),
  }),
})

type Loader = { loadMany(ids: readonly string[]): Promise<readonly unknown[]> }

/** Without those of what is gone since its calls were told of. */
async function ofWhatIsThere<T>(rows: readonly T[], loader: Loader, idOf: (row: T) => string): Promise<T[]> {
  const found = await loader.loadMany(rows.map(idOf))
  return rows.filter((_, i) => found[i] != null)
}

const InvocationTotal = builder.objectRef<Figures>('InvocationTotal').implement({ interfaces: [Invocations] })

const InvocationRow = builder.objectRef<InvocationsView['rows'][number]>('InvocationRow').implement({
  description: 'Of one bucket at one cluster.',
  interfaces: [Invocations],
  fields: (t) => ({
    bucket: t.exposeString('bucket', { description: 'Its name.' }),
    cluster: t.field({
      type: Cluster,
      description:
        'That of the function deployment which was tried last. Calls that none was tried for are with the cluster of the master.',
      resolve: ({ clusterId }) => clusterId,
    }),
  }),
})

const ClusterInvocations = builder.objectRef<InvocationsView['clusters'][number]>('ClusterInvocations').implement({
  description: 'Of one cluster: the calls that its function deployments were tried for last.',
  interfaces: [Invocations],
  fields: (t) => ({ cluster: t.field({ type: Cluster, resolve: ({ clusterId }) => clusterId }) }),
})

const FunctionInvocations = builder.objectRef<InvocationsView['functions'][number]>('FunctionInvocations').implement({
  description: 'Of one function at one function deployment.',
  interfaces: [Invocations],
  fields: (t) => ({
    cluster: t.field({ type: Cluster, resolve: ({ clusterId }) => clusterId }),
    deployment: t.field({ type: FaasDeployment, resolve: ({ deploymentId }) => deploymentId }),
    function: t.exposeString('function', {
      nullable: true,
      description: 'As calls name it. Null: functions that have no figures of their own.',
    }),
  }),
})

const InvocationStats = builder.objectRef<InvocationsView>('InvocationStats').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    rows: t.field({
      type: [InvocationRow],
      description: 'By bucket and cluster, the busiest first, at most 1 000.',
      resolve: ({ rows }, _args, context) =>
        ofWhatIsThere(rows, Cluster.getDataloader(context), ({ clusterId }) => clusterId),
    }),
    clusters: t.field({
      type: [ClusterInvocations],
      resolve: ({ clusters }, _args, context) =>
        ofWhatIsThere(clusters, Cluster.getDataloader(context), ({ clusterId }) => clusterId),
    }),
    functions: t.field({
      type: [FunctionInvocations],
      description: 'The busiest first, at most 200.',
      resolve: ({ functions }, _args, context) =>
        ofWhatIsThere(functions, FaasDeployment.getDataloader(context), ({ deploymentId }) => deploymentId),
    }),
    total: t.field({
      type: InvocationTotal,
      description: 'Of all these calls, also those of buckets that have no row.',
      resolve: ({ total }) => total,
    }),
    strayPerSecond: t.exposeFloat('strayPerSecond', {
      description: `Calls that named no bucket of FaDO's, which count nowhere else. ${minute}`,
    }),
  }),
})

builder.queryFields((t) => ({
  invocationStats: t.field({
    type: InvocationStats,
    description: 'Of one bucket, or of all.',
    args: { bucket: t.arg.string() },
    resolve: async (_root, { bucket }, context) =>
      context.services.readInvocations((await bucketNamed(bucket, context))?.name),
  }),
}))

builder.subscriptionFields((t) => ({
  invocationStats: t.field({
    type: InvocationStats,
    description: `Of one bucket, or of all; now, and then every ${windowSeconds} s.`,
    args: { bucket: t.arg.string() },
    subscribe: async (_root, { bucket }, context) => {
      const one = await bucketNamed(bucket, context)
      return tell(context, (ended) => context.services.watchInvocations(one?.name, ended))
    },
    resolve: (stats) => stats,
  }),
}))
