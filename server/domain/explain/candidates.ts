// To which function deployments a call may go, and what keeps it from the others. One candidate per deployment: of a cluster that has
// none, one without a url.
import type { ClusterVerdict } from '../decide/kept-decision.ts'
import { takesKind } from '../fleet/call-kind.ts'
import { membersOf, notDown, wellFirst } from '../fleet/class-members.ts'
import { askedFor, functionLabels, someAreKnown } from '../fleet/function-labels.ts'
import type { Reason } from '../reason.ts'
import { noFunctions } from '../route/copy-rules.ts'
import { askedInTurn, type RouteTable } from '../route/routing-table.ts'
import type { AskedCall } from './call.ts'
import type { Deployment } from './deployment.ts'
import { whyPassedOver } from './passed-over.ts'

export type Candidate = {
  readonly cluster: string
  readonly url: string
  /** Calls go there now; if so there are no reasons. */
  readonly eligible: boolean
  readonly reasons: readonly Reason[]
}

/** What there is to choose from. */
export type Choice = {
  /** What Envoy has. */
  readonly table: RouteTable
  /** While clusters start that are new in the route: the others, which most calls ask first. Null: none is new. */
  readonly others: readonly string[] | null
  /** What was decided of each cluster. */
  readonly verdicts: readonly ClusterVerdict[]
  /** Names of all that there are. */
  readonly clusters: readonly string[]
  readonly deployments: readonly Deployment[]
}

export function candidatesOf(choice: Choice, call: AskedCall): Candidate[] {
  const chosen = chooseDeployments(choice, call)
  const why = whyPassedOver(choice, call, chosen)
  return ofEachCluster(choice.clusters, choice.deployments, (cluster, deployment) => {
    if (!choice.table.clusters.includes(cluster)) return verdictOf(choice.verdicts, cluster)
    return deployment === undefined ? [noFunctions(cluster)] : why(deployment)
  })
}

/** The same for calls that go to none of them. */
export const excludedCandidates = (
  verdicts: readonly ClusterVerdict[],
  clusters: readonly string[],
  deployments: readonly Deployment[],
): Candidate[] => ofEachCluster(clusters, deployments, (cluster) => verdictOf(verdicts, cluster))

function ofEachCluster(
  clusters: readonly string[],
  deployments: readonly Deployment[],
  why: (cluster: string, deployment?: Deployment) => readonly Reason[],
): Candidate[] {
  return clusters.toSorted().flatMap((cluster): Candidate[] => {
    const there = deployments.filter((deployment) => deployment.cluster === cluster)
    if (there.length === 0) return [{ cluster, url: '', eligible: false, reasons: why(cluster) }]
    return there.map((deployment) => {
      const reasons = why(cluster, deployment)
      return { cluster, url: deployment.url, eligible: reasons.length === 0, reasons }
    })
  })
}

const verdictOf = (verdicts: readonly ClusterVerdict[], cluster: string): readonly Reason[] => {
  const found = verdicts.find((verdict) => verdict.cluster === cluster)?.reasons ?? []
  if (found.length > 0) return found
  return [{ code: 'UNDECIDED', message: `${cluster} is in no decision about this bucket yet` }]
}

/** As Envoy does: those that take calls of what is asked for first, of all that is asked for in turn and is there. */
function chooseDeployments(
  { table, others, deployments }: Choice,
  { kind, functionName }: AskedCall,
): readonly Deployment[] {
  const labels = functionLabels(deployments)
  const asked = someAreKnown(deployments) ? askedFor(functionName) : [null]
  const callable = notDown(deployments).filter((one) => takesKind(one, kind) && one.unused === null)
  const found = (clusters: readonly string[], label: string | null, part?: readonly string[]) => {
    const all = callable.filter(({ cluster }) => clusters.includes(cluster))
    const some = part ? membersOf(all, labels).filter(({ cluster }) => part.includes(cluster)) : all
    return wellFirst(some.filter((one) => label === null || labels(one).includes(label)))
  }
  const firstOf = (all: readonly (readonly Deployment[])[]) => all.find((some) => some.length > 0) ?? []
  const spread = firstOf(askedInTurn(table).flatMap((set) => asked.map((label) => found(set, label))))
  if (others === null) return spread
  const atOthers = asked.flatMap((label) => [others, undefined].map((part) => found(table.clusters, label, part)))
  return [...new Set([...spread, ...firstOf(atOthers)])]
}
