// What was decided of a call that was made before, in words.
import type { DecidedPolicySource, ExplainDecisionQuery } from '../../graphql/generated/operations.ts'
import { candidatesThen } from '../../server/domain/explain/say-health-then.ts'
import { moment } from './format.ts'
import { name, names, type Parts, say, sentences, stress } from './parts.ts'

export type ExplainedDecision = NonNullable<ExplainDecisionQuery['explainDecision']>

type Spoken = Pick<ExplainedDecision, 'bucketName' | 'lbPolicy' | 'order' | 'candidates' | 'from' | 'until'>

/** Where calls of which bucket went, and when. `at`: when one was made; null: at any time. */
export function decisionSentence(decision: Spoken, at: string | null): Parts {
  const then = candidatesThen(decision.candidates, at)
  const down = then
    .filter(({ verdict }, n) => verdict !== decision.candidates[n]?.verdict)
    .map((one) => one.cluster.name)
  if (down.length === 0) return decidedSentence(decision)
  const whose = down.length === 1 ? 'its' : 'their'
  return sentences([
    decidedSentence(decision),
    say`${names(down)} got none at that time: ${whose} functions were down.`,
  ])
}

function decidedSentence({ bucketName, lbPolicy, order, candidates, from, until }: Spoken): Parts {
  const serving = candidates.filter(({ verdict }) => verdict === 'ELIGIBLE').map(({ cluster }) => cluster.name)
  const clusters = order.length > 0 ? order : serving.toSorted()
  const when = until === null ? `since ${moment(from)}, and still do` : `from ${moment(from)} until ${moment(until)}`
  const bucket = name(bucketName)
  if (clusters.length === 0) return say`Calls of ${bucket} got ${stress('503')}, for no cluster could serve, ${when}.`
  const policy = name(lbPolicy.toLowerCase())
  const inOrder = order.length > 1 ? ', asked in this order' : ''
  return say`Calls of ${bucket} went to ${names(clusters)}, spread by ${policy}${inOrder}, ${when}.`
}

export const sourceWords: Readonly<Record<DecidedPolicySource, string>> = {
  DEFAULT: 'default',
  GLOBAL: 'global',
  CLUSTER: 'cluster',
  BUCKET: 'bucket',
  OVERRIDE: 'route override',
}

/** An instant as a field for local times has it; empty: it is none. */
export function localTime(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}

/** The other way round. */
export function isoTime(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

/** In which zone a local time is, with what it is from UTC then; of an empty one now. */
export function zoneWords(local: string): string {
  const at = new Date(local)
  const known = Number.isNaN(at.getTime()) ? new Date() : at
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const parts = Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' }).formatToParts(known)
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? ''
  return timeZone === 'UTC' ? 'Local time: UTC.' : `Local time: ${timeZone}, ${offset}.`
}
