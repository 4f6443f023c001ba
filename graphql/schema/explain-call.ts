// What Envoy does with a call, and why.
import type { CandidateView, RequestExplanation as ExplanationView } from '../../server/services/routes/explain-call.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { builder } from './builder.ts'
import { CandidateVerdict, verdictOf } from './candidate.ts'
import { Cluster } from './cluster.ts'
import { HttpHeaderInput } from './http-header.ts'
import { Reason } from './reason.ts'
import { LbPolicy } from './route.ts'

const ExplainRequestInput = builder.inputType('ExplainRequestInput', {
  fields: (t) => ({
    method: t.string({ required: true }),
    path: t.string({ required: true, description: 'As it is sent: from its first slash on, with its query.' }),
    headers: t.field({
      type: [HttpHeaderInput],
      required: true,
      description: 'Those that bear on where it goes: the one that names the bucket, Origin, Upgrade and their kin.',
    }),
    caller: t.string({
      description: 'Who makes it, by the name of a caller whose valid proof it has. Default: nobody that is proven.',
    }),
  }),
})

const RequestOutcome = builder.enumType('RequestOutcome', {
  values: {
    ROUTED: { description: 'A function deployment gets it.' },
    REJECTED: { description: 'Envoy answers it by itself.' },
  },
})

const RequestCandidate = builder.objectRef<CandidateView>('RequestCandidate').implement({
  description: 'A function deployment.',
  fields: (t) => ({
    cluster: t.field({ type: Cluster, resolve: (candidate) => candidate.cluster }),
    url: t.exposeString('url', { description: 'Empty where the cluster has no deployment.' }),
    verdict: t.field({
      type: CandidateVerdict,
      resolve: verdictOf,
    }),
    reasons: t.field({
      type: [Reason],
      complexity: { field: 1, multiplier: 1 },
      description: 'Why it is excluded.',
      resolve: (candidate) => candidate.reasons,
    }),
  }),
})

const RequestExplanation = builder.objectRef<ExplanationView>('RequestExplanation').implement({
  fields: (t) => ({
    outcome: t.field({ type: RequestOutcome, resolve: (explained) => explained.outcome }),
    grpcStatus: t.exposeInt('grpcStatus', {
      nullable: true,
      description: "What a call of gRPC gets in place of `status`; null: it is none, or the answer is the function's.",
    }),
    status: t.exposeInt('status', { nullable: true, description: "Of Envoy's answer; null: it is the function's." }),
    bucket: t.exposeString('bucket', { nullable: true, description: 'Null: the call names none that there is.' }),
    lbPolicy: t.field({ type: LbPolicy, nullable: true, resolve: (explained) => explained.lbPolicy }),
    decision: t.exposeString('decision', {
      nullable: true,
      description: 'What its x-fado-decision begins with; null: the answer has none.',
    }),
    callers: t.stringList({
      nullable: true,
      description: 'Names of those who may call on the bucket; null: anybody, or it names none that there is.',
      resolve: ({ callers }) => callers && [...callers],
    }),
    reasons: t.field({
      type: [Reason],
      complexity: { field: 1, multiplier: 1 },
      description:
        'Why Envoy answers it by itself; and what else is to be known: that some Envoy may not do so yet, that a platform refuses FaDO.',
      resolve: (explained) => explained.reasons,
    }),
    candidates: t.field({
      type: [RequestCandidate],
      description:
        'All of the fleet, those that get the call and those that do not. Empty where Envoy refuses it before it asks for them.',
      resolve: (explained) => explained.candidates,
    }),
  }),
})

builder.queryField('explainRequest', (t) =>
  t.field({
    type: RequestExplanation,
    args: { input: t.arg({ type: ExplainRequestInput, required: true }) },
    description: 'What Envoy does with this call, and why; nothing is called.',
    resolve: (_root, { input }, { services }) => asGraphqlError(services.explainRequest(input)),
  }),
)
