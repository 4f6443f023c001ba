// Why a function deployment gets no call although its cluster may serve: a rule for each reason.
import { callForm, formCall } from '../fleet/call-form.ts'
import { takesKind } from '../fleet/call-kind.ts'
import { askedFor, functionLabels, someAreKnown } from '../fleet/function-labels.ts'
import { listOf, type Reason, type ReasonCode } from '../reason.ts'
import { type ReasonRule, reasonsBy } from '../reason-rule.ts'
import { askedInTurn, type RouteTable } from '../route/routing-table.ts'
import type { AskedCall } from './call.ts'
import type { Deployment } from './deployment.ts'

type About = AskedCall & {
  readonly one: Deployment
  readonly isChosen: boolean
  /** Its cluster is asked at the same time as those that get the call. */
  readonly isAsked: boolean
  /** Of some deployments is known which functions they have, and by that this one lacks what is called. */
  readonly lacksFunction: boolean
  /** The clusters that get the call. */
  readonly takers: readonly string[]
}

/** Those that hold whoever else is there; the last may be so of one that gets the call, too: its platform answers. */
const ofItself: readonly ReasonRule<About>[] = [
  {
    code: 'SECRETS_MISSING',
    holds: ({ one }) => one.unused === 'target',
    say: ({ one }) => `FaDO lacks what proves to this platform of ${one.cluster} who calls`,
  },
  {
    code: 'NO_ADDRESS',
    holds: ({ one }) => one.unused === 'address',
    say: ({ one }) => `No address was found yet for this deployment of ${one.cluster}`,
  },
  {
    code: 'DEPLOYMENT_DOWN',
    holds: ({ one }) => one.health === 'unhealthy',
    say: ({ one }) => `This deployment of ${one.cluster} does not answer its probes`,
  },
  {
    code: 'KIND_NOT_TAKEN',
    holds: ({ one, kind }) => !takesKind(one, kind),
    say: ({ one, kind }) =>
      `This deployment of ${one.cluster} takes ${kind === 'grpc' ? 'no calls' : 'only calls'} of gRPC`,
  },
  {
    code: 'DEPLOYMENT_RETURNING',
    holds: ({ one, isChosen, isAsked }) => one.health === 'returning' && !isChosen && isAsked,
    say: ({ one }) => `This deployment of ${one.cluster} was down, and is not well for failback_after yet`,
  },
  {
    code: 'NO_SUCH_FUNCTION',
    holds: ({ lacksFunction }) => lacksFunction,
    say: ({ one, functionName }) => `This deployment of ${one.cluster} has no function ${functionName}`,
  },
  {
    code: 'NAME_IMPOSSIBLE',
    holds: ({ one, path }) => formCall(callForm(one), path) === undefined,
    say: ({ one }) => `The platform of ${one.cluster} has no functions of such names, and answers 404`,
  },
]

/** Of one that none of those stops, and which does not get the call: others do in its place. */
const forOthers: readonly ReasonRule<About>[] = [
  {
    code: 'NO_SUCH_FUNCTION',
    holds: ({ isAsked }) => isAsked,
    say: ({ one, functionName }) => `The platform of ${one.cluster} does not list ${functionName}; others do`,
  },
  {
    code: 'LATER_IN_ORDER',
    holds: ({ isAsked }) => !isAsked,
    say: ({ one, takers }) => `${one.cluster} is asked when no deployment of ${listOf(takers)} is well`,
  },
]

export const passedOverCodes: readonly ReasonCode[] = [...ofItself, ...forOthers].map(({ code }) => code)

/** `chosen`: those that get the call. Of one without a reason the call is. */
export function whyPassedOver(
  { table, deployments }: { readonly table: RouteTable; readonly deployments: readonly Deployment[] },
  call: AskedCall,
  chosen: readonly Deployment[],
): (one: Deployment) => readonly Reason[] {
  const isKnown = someAreKnown(deployments)
  const labels = functionLabels(deployments)
  const mayHave = (one: Deployment) => askedFor(call.functionName).some((label) => labels(one).includes(label))
  const takers = [...new Set(chosen.map(({ cluster }) => cluster))]
  const isAsked = ({ cluster }: Deployment) =>
    askedInTurn(table).some((set) => set.includes(cluster) && takers.some((taker) => set.includes(taker)))
  return (one) => {
    const isChosen = chosen.includes(one)
    const about = { ...call, one, isChosen, isAsked: isAsked(one), lacksFunction: isKnown && !mayHave(one), takers }
    const stops = reasonsBy(ofItself, about)
    return stops.length > 0 || isChosen ? stops : reasonsBy(forOthers, about)
  }
}
