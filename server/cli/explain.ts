// `fado explain`: where a call goes, or went, and why.
import { type Command, InvalidArgumentError } from 'commander'
import {
  CliExplainCallDocument,
  type CliExplainCallQuery,
  CliExplainDecisionDocument,
  type CliExplainDecisionQuery,
  CliIngressDocument,
} from '../../graphql/generated/operations.ts'
import { sayCallers, sayChanges } from '../domain/explain/say-decision.ts'
import { candidatesThen, type OutageLine, outageLines, sayHealthThen } from '../domain/explain/say-health-then.ts'
import type { Api } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { type Column, table } from './output.ts'
import { valueText } from './policy-values.ts'

type Explained = CliExplainCallQuery['explainRequest']
type Decision = NonNullable<CliExplainDecisionQuery['explainDecision']>
type Candidate = Pick<Decision['candidates'][number], 'cluster' | 'verdict' | 'reasons'>
type Header = { readonly name: string; readonly value: string }

/** What is said above the table is not said in it again; "above" alone would be the row before. */
function why({ verdict, reasons }: Candidate, said: readonly string[]): string {
  if (verdict === 'ELIGIBLE') return ''
  const more = reasons.flatMap(({ message }) => (said.includes(message) ? [] : [message]))
  return more.join('; ') || 'as said above the table'
}
const clusterColumn: Column<Candidate> = { title: 'CLUSTER', of: ({ cluster }) => cluster.name }
const verdictColumns = (said: readonly string[] = []): readonly Column<Candidate>[] => [
  { title: 'CALLS', of: ({ verdict }) => (verdict === 'ELIGIBLE' ? 'yes' : 'no') },
  { title: 'BECAUSE', of: (candidate) => why(candidate, said) },
]
const candidateColumns = (said: readonly string[]): readonly Column<Explained['candidates'][number]>[] => [
  clusterColumn,
  { title: 'FUNCTIONS', of: ({ url }) => url },
  ...verdictColumns(said),
]

function callText({
  outcome,
  status,
  grpcStatus,
  bucket,
  lbPolicy,
  decision,
  callers,
  reasons,
  candidates,
}: Explained): string {
  const head =
    outcome === 'ROUTED'
      ? `A function gets it: ${bucket} is served by ${lbPolicy}.`
      : `Envoy answers it by itself, with ${grpcStatus === null ? status : `the status ${grpcStatus} of gRPC`}.`
  return [
    head,
    ...reasons.map(({ message }) => `${message}.`),
    ...(callers === null ? [] : [sayCallers(callers, 'may')]),
    ...(decision === null ? [] : [`x-fado-decision: ${decision}`]),
    ...(candidates.length === 0
      ? []
      : ['', table(candidateColumns(reasons.map(({ message }) => message)), candidates)]),
  ].join('\n')
}

type Policy = Decision['policies'][number]
const sources: Readonly<Record<NonNullable<Policy['source']>, string>> = {
  DEFAULT: 'default',
  GLOBAL: 'all buckets',
  CLUSTER: 'cluster',
  BUCKET: 'bucket',
  OVERRIDE: 'route override',
}
const policyColumns: readonly Column<Policy>[] = [
  { title: 'POLICY', of: ({ name }) => name },
  { title: 'VALUE', of: ({ name, value }) => valueText(name, value) },
  { title: 'WHOSE', of: ({ source }) => (source === null ? 'not kept' : sources[source]) },
]

type Outage = Decision['candidates'][number]['deployments'][number]['outages'][number]
const outageColumns: readonly Column<OutageLine<Outage>>[] = [
  { title: 'CLUSTER', of: ({ cluster }) => cluster },
  { title: 'FUNCTIONS', of: ({ url }) => url },
  { title: 'WERE', of: ({ outage }) => (outage.status === 'UNHEALTHY' ? 'down' : 'coming back') },
  { title: 'FROM', of: ({ outage }) => outage.from },
  { title: 'UNTIL', of: ({ outage }) => outage.until ?? 'still' },
  { title: 'WHY', of: ({ outage }) => outage.detail },
]

/** `at`: when the call was; null: at any time while it held. */
function decisionText(decision: Decision, at: string | null): string {
  const { bucketName, lbPolicy, order, from, until, policies, overrideClusters, callers, candidates } = decision
  const inOrder = order.length === 0 ? '' : `, asked in the order ${order.join(', ')}`
  const override = overrideClusters === null ? [] : [`A route override named ${overrideClusters.join(', ')}.`]
  return [
    `${bucketName}: calls were spread by ${lbPolicy}${inOrder}, from ${from} ${until === null ? 'until now' : `until ${until}`}.`,
    ...override,
    sayCallers(callers, 'might'),
    sayChanges(decision),
    '',
    table([clusterColumn, ...verdictColumns()], candidatesThen(candidates, at)),
    ...healthText(candidates, at),
    '',
    table(policyColumns, policies),
  ].join('\n')
}

function healthText(candidates: Decision['candidates'], at: string | null): readonly string[] {
  const said = sayHealthThen(candidates, at, (time) => time)
  const lines = outageLines(candidates, at)
  return [...(said.length > 0 ? [''] : []), ...said, ...(lines.length > 0 ? [table(outageColumns, lines)] : [])]
}

function header(text: string, given: readonly Header[] = []): readonly Header[] {
  const at = text.indexOf(':')
  if (at < 1) throw new InvalidArgumentError("It must be 'NAME: VALUE'.")
  return [...given, { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }]
}

function time(text: string): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be a time such as 2026-11-28T14:05:00Z.')
  return at.toISOString()
}

/** The header that names the bucket is called as the policy lb_match_header says. */
async function naming(api: Api, bucket: string | undefined): Promise<readonly Header[]> {
  if (bucket === undefined) return []
  const { ingress } = await api.run(CliIngressDocument, {})
  return [{ name: ingress.header, value: bucket }]
}

type CallOptions = { readonly header?: readonly Header[]; readonly bucket?: string; readonly as?: string }
type DecisionOptions = { readonly bucket?: string; readonly at?: string }

export function addExplainCommands(program: Command, context: CommandContext): void {
  const explain = program.command('explain').description('where a call goes, or went, and why; nothing is called')
  explain
    .command('call')
    .argument('<method>', 'GET, POST and their kin')
    .argument('<path>', 'with its query: /function/resize?w=9')
    .description('what Envoy does with a call, and what keeps it from each function deployment')
    .option('-H, --header <header>', "'NAME: VALUE'; may be given several times", header)
    .option('--bucket <name>', 'adds the header that names it')
    .option('--as <caller>', 'who calls, by a valid key, token or certificate; without it nobody that is proven')
    .action(async (method: string, path: string, options: CallOptions, command: Command) => {
      const api = await connect(context, command)
      const headers = [...(await naming(api, options.bucket)), ...(options.header ?? [])]
      const input = { method: method.toUpperCase(), path, headers, caller: options.as ?? null }
      const { explainRequest } = await api.run(CliExplainCallDocument, { input })
      printResult(context, command, callText(explainRequest), explainRequest)
    })
  explain
    .command('decision')
    .argument('<id>', 'the x-fado-decision of an answer, or its first part')
    .description('why a call went where it did, for 30 days')
    .option('--bucket <name>', 'whose call it was: buckets that are served alike share decisions')
    .option('--at <time>', 'when it was: 2026-11-28T14:05:00Z; without it the last time that calls went so', time)
    .action(async (id: string, { bucket, at }: DecisionOptions, command: Command) => {
      const api = await connect(context, command)
      const asked = { id, bucket: bucket ?? null, at: at ?? null }
      const { explainDecision } = await api.run(CliExplainDecisionDocument, asked)
      if (explainDecision === null) throw new CommandFailure(exitCodes.failed, 'Nothing of it is kept')
      printResult(context, command, decisionText(explainDecision, asked.at), explainDecision)
    })
}
