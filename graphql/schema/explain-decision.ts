// Why a call of the past went where it did.
import type { DecidedPolicy as DecidedPolicyView } from '../../server/domain/decide/kept-decision.ts'
import type { Outage } from '../../server/domain/fleet/health-history.ts'
import type {
  DecisionCandidateView,
  DecisionView,
  DeploymentThen,
} from '../../server/services/routes/explain-decision.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { Bucket } from './bucket-refs.ts'
import { builder } from './builder.ts'
import { CandidateVerdict, verdictOf } from './candidate.ts'
import { Cluster } from './cluster.ts'
import { HealthStatus } from './health.ts'
import { Reason } from './reason.ts'
import { LbPolicy } from './route.ts'

const FunctionOutage = builder.objectRef<Outage>('FunctionOutage').implement({
  description: 'A time in which a function deployment was not well.',
  fields: (t) => ({
    status: t.field({
      type: HealthStatus,
      description:
        'UNHEALTHY: it got no calls. DEGRADED: it answered again, and got those that nobody else could take.',
      resolve: ({ health }) => health,
    }),
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: it goes on.',
      resolve: ({ until }) => until,
    }),
    detail: t.exposeString('detail', { nullable: true, description: 'What the first probe of it found.' }),
  }),
})

const DecisionDeployment = builder.objectRef<DeploymentThen>('DecisionDeployment').implement({
  description: 'A function deployment that there was, and is still.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'As it is now.' }),
    outages: t.field({
      type: [FunctionOutage],
      description: 'Those that reach into the time in which the decision held, in their order.',
      resolve: ({ outages }) => outages,
    }),
    knownFrom: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'From when on they are known, for the last 100 changes of health are kept. Null: in all that time.',
      resolve: (deployment) => deployment.knownFrom,
    }),
  }),
})

const DecisionCandidate = builder.objectRef<DecisionCandidateView>('DecisionCandidate').implement({
  fields: (t) => ({
    cluster: t.field({
      type: Cluster,
      description: 'One that is gone by now has its name, and no zones.',
      resolve: (candidate) => candidate.cluster,
    }),
    verdict: t.field({
      type: CandidateVerdict,
      resolve: verdictOf,
    }),
    reasons: t.field({
      type: [Reason],
      complexity: { field: 1, multiplier: 1 },
      resolve: (candidate) => candidate.reasons,
    }),
    deployments: t.field({
      type: [DecisionDeployment],
      complexity: { field: 1, multiplier: 1 },
      description:
        'Of a cluster that calls might go to: its function deployments. Those that were removed since are not kept.',
      resolve: (candidate) => candidate.deployments,
    }),
  }),
})

const DecidedPolicySource = builder.enumType('DecidedPolicySource', {
  values: {
    DEFAULT: { value: 'default', description: 'Nobody had set it.' },
    GLOBAL: { value: 'global' },
    CLUSTER: { value: 'cluster' },
    BUCKET: { value: 'bucket' },
    OVERRIDE: { value: 'override', description: "The bucket's route override said so." },
  } as const,
})

const DecidedPolicy = builder.objectRef<DecidedPolicyView>('DecidedPolicy').implement({
  description: 'A policy as it was.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.field({ type: 'JSON', nullable: true, resolve: ({ value }) => value }),
    source: t.field({
      type: DecidedPolicySource,
      nullable: true,
      description: 'Whose value it was. Null: an earlier version of FaDO decided it and did not keep that.',
      resolve: ({ source }) => source,
    }),
  }),
})

const Decision = builder.objectRef<DecisionView>('Decision').implement({
  description: "What was decided of a bucket's calls. Kept for 30 days after its end.",
  fields: (t) => ({
    id: t.string({ description: 'The first part of x-fado-decision.', resolve: (decision) => decision.tableId }),
    bucket: t.field({
      type: Bucket,
      nullable: true,
      description: 'Null: it is gone.',
      resolve: (decision) => decision.bucketId,
    }),
    bucketName: t.exposeString('bucketName'),
    number: t.field({
      type: 'BigInt',
      description: 'Of its route: a larger one is a later decision.',
      resolve: (decision) => decision.number,
    }),
    lbPolicy: t.field({ type: LbPolicy, resolve: (decision) => decision.table.lbPolicy }),
    order: t.stringList({
      description: 'With FIRST: the clusters as they were asked.',
      resolve: (decision) => [...(decision.table.order ?? [])],
    }),
    policies: t.field({
      type: [DecidedPolicy],
      description: 'Those that it was made from.',
      resolve: ({ policies }) => [...policies],
    }),
    overrideClusters: t.stringList({
      nullable: true,
      description: 'Of the route override that held; null: none did, or it named none.',
      resolve: ({ overrideClusters }) => overrideClusters && [...overrideClusters],
    }),
    callers: t.stringList({
      nullable: true,
      description: 'Names of those who might call; null: anybody.',
      resolve: ({ callers }) => callers && [...callers],
    }),
    bucketVersion: t.exposeInt('bucketVersion', { description: "Of users' changes of the bucket, as it was." }),
    policiesVersion: t.exposeInt('policiesVersion', { description: 'Of the policies of global scope, as it was.' }),
    bucketChanges: t.exposeInt('bucketChanges', {
      nullable: true,
      description: 'How often users have changed the bucket since. Null: it is gone.',
    }),
    policyChanges: t.exposeInt('policyChanges', {
      description: 'How often they have changed the policies of global scope since.',
    }),
    from: t.field({ type: 'DateTime', resolve: (decision) => decision.from }),
    until: t.field({ type: 'DateTime', nullable: true, description: 'Null: it holds.', resolve: ({ until }) => until }),
    candidates: t.field({
      type: [DecisionCandidate],
      description: 'Every cluster that there was.',
      resolve: (decision) => decision.candidates,
    }),
  }),
})

builder.queryField('explainDecision', (t) =>
  t.field({
    type: Decision,
    nullable: true,
    args: {
      id: t.arg.string({ required: true, description: 'An x-fado-decision, or its first part.' }),
      bucket: t.arg.string({ description: 'Buckets that are served alike share decisions. Default: any.' }),
      at: t.arg({ type: 'DateTime', description: 'When the call was. Default: now.' }),
    },
    description:
      'Why a call went where it did. NOT_FOUND where that is not kept any more, VALIDATION_FAILED where it can be no decision.',
    resolve: (_root, input, { services }) => asGraphqlError(services.explainDecision(input)),
  }),
)
