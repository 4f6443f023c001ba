// How functions are called, in words.
import type { FaasPayload, FunctionsPartsFragment, TakenCalls } from '../../graphql/generated/operations.ts'
import { callForm, canTakeGrpc, defaultForm, formCall, templateFault } from '../../server/domain/fleet/call-form.ts'
import type { Takes } from '../../server/domain/fleet/call-kind.ts'
import type { Payload } from '../../server/domain/fleet/platform.ts'
import { isBase } from './check-fields.ts'
import { proofs } from './function-proofs.ts'
import type { FunctionsDraft, Platform } from './functions-draft.ts'
import { name, names, type Parts, say, sentences } from './parts.ts'

export const payloadWords: Readonly<Record<FaasPayload, string>> = {
  HTTP: 'The call as it came',
  EVENT: 'An event of the call',
  RAW: 'Its body as the event',
}

export const takesWords: Readonly<Record<TakenCalls, string>> = {
  PLAIN: 'All but gRPC',
  GRPC: 'Only gRPC',
  BOTH: 'All, gRPC too',
}

const asTaken: Readonly<Record<TakenCalls, Takes>> = { PLAIN: 'plain', GRPC: 'grpc', BOTH: 'both' }
const asPayload: Readonly<Record<FaasPayload, Payload>> = { HTTP: 'http', EVENT: 'event', RAW: 'raw' }

/** What is called: at the address of an example while none is typed, by the platform's template while none is right. */
const calledOf = ({ kind, url, pathTemplate, payload, takes }: FunctionsDraft, { exampleUrl }: Platform) => ({
  kind,
  url: isBase(url.trim()) ? url.trim() : exampleUrl,
  pathTemplate: pathTemplate.trim() === '' || templateFault(pathTemplate.trim()) ? null : pathTemplate.trim(),
  payload: payload === null ? null : asPayload[payload],
  takes: asTaken[takes],
})

/** Whether it may be said that a deployment there takes gRPC. */
export const mayTakeGrpc = (draft: FunctionsDraft, platform: Platform): boolean =>
  draft.takes !== 'PLAIN' || canTakeGrpc(calledOf(draft, platform))

/** The template that holds while none is typed. */
export const usualTemplate = (draft: FunctionsDraft, platform: Platform): string =>
  defaultForm(calledOf(draft, platform)).template

const example = '/function/resize/a.png?w=9'
const grpcExample = '/function/greeter/hello.Greeter/SayHello'

/** What one call becomes there. */
export function callSentence(draft: FunctionsDraft, platform: Platform): Parts {
  const called = calledOf(draft, platform)
  const form = callForm(called)
  const asked = draft.takes === 'GRPC' ? grpcExample : example
  const formed = formCall(form, asked)
  if (formed === undefined) return []
  const { protocol, host } = new URL(called.url)
  const at = name(`${protocol}//${formed.host ?? host}${formed.path}`)
  const there = formed.host !== null && formed.host !== host ? say`${at} (asked of ${name(host)})` : at
  if (form.payload === 'http') return say`A call of ${name(asked)} becomes ${there}.`
  const what = form.payload === 'event' ? 'an event with its method, path, query, headers and body' : 'its body'
  return say`A call of ${name(asked)} becomes ${what}, posted to ${there}.`
}

const unlessHttp = (payload: FaasPayload) => (payload === 'HTTP' ? '' : `, ${payloadWords[payload].toLowerCase()}`)

/** How one that is registered is called, which functions it has, and as whom FaDO calls. */
export function functionsSentences(one: FunctionsPartsFragment): Parts {
  const { auth, tls } = one
  const proof = auth === null ? null : proofs[auth.kind].sentence(auth)
  return sentences([
    say`Calls go to ${name(one.usedPathTemplate)}${unlessHttp(one.usedPayload)}.`,
    ...takenWords[one.takes],
    haveWords(one),
    ...(proof === null ? [] : [proof]),
    ...(tls?.ca ? [['Its certificate is checked by authorities of its own.']] : []),
    ...(tls?.clientCertificate ? [['FaDO shows it a certificate.']] : []),
  ])
}

const takenWords: Readonly<Record<TakenCalls, readonly Parts[]>> = {
  PLAIN: [],
  GRPC: [['It takes calls of gRPC alone.']],
  BOTH: [['It takes calls of gRPC, too.']],
}

function haveWords({ functions, listsFunctions }: FunctionsPartsFragment): Parts {
  if (functions === null) return ['It may have any function.']
  if (functions.length === 0) return ['It lists no function.']
  return listsFunctions ? say`It lists ${fewOf(functions)}.` : say`It has ${fewOf(functions)}.`
}

/** So many are named; the form has all. */
const mostNamed = 8

function fewOf(functions: readonly string[]): Parts {
  if (functions.length <= mostNamed) return names(functions)
  const shown = functions.slice(0, mostNamed - 1)
  return [
    ...names(shown).map((part) => (part === ' and ' ? ', ' : part)),
    ` and ${functions.length - shown.length} more`,
  ]
}
