// What the API would refuse of a function deployment, found before it is asked.
import type { FunctionsPartsFragment } from '../../graphql/generated/operations.ts'
import { templateFault } from '../../server/domain/fleet/call-form.ts'
import { addressWords, isBase, type Problem, when } from './check-fields.ts'
import { proofs } from './function-proofs.ts'
import { type FunctionsDraft, isTls } from './functions-draft.ts'

/** As the API has it. */
const mostWeight = 128

type Known = {
  /** Urls of all other deployments. */
  readonly taken: readonly string[]
  /** As it is, where it is one that is changed: its secrets need not be given again. */
  readonly before?: FunctionsPartsFragment
}

export function checkFunctions(draft: FunctionsDraft, { taken, before }: Known): readonly Problem[] {
  const [url, weight, pathTemplate] = [draft.url.trim(), Number(draft.weight), draft.pathTemplate.trim()]
  const fault = pathTemplate === '' ? undefined : templateFault(pathTemplate)
  return [
    ...when(!isBase(url), 'url', `A URL is ${addressWords}, with a path if need be.`),
    ...when(taken.includes(url.replace(/\/+$/, '')), 'url', 'Functions are registered there already.'),
    ...when(
      !Number.isInteger(weight) || weight < 1 || weight > mostWeight,
      'weight',
      `A weight is a whole number from 1 to ${mostWeight}.`,
    ),
    ...when(fault !== undefined, 'pathTemplate', `It ${fault}.`),
    ...checkAuth(draft, before),
    ...(isTls(draft) ? checkTls(draft, before) : []),
  ]
}

function checkAuth(draft: FunctionsDraft, before: FunctionsPartsFragment | undefined): readonly Problem[] {
  if (draft.auth === null) return []
  const isKept = before?.auth?.kind === draft.auth
  return proofs[draft.auth].problems(draft, isKept ? before.auth : undefined)
}

function checkTls(draft: FunctionsDraft, before: FunctionsPartsFragment | undefined): readonly Problem[] {
  const [certificate, key] = [draft.clientCertificate.trim(), draft.clientKey.trim()]
  const had = before?.tls?.clientCertificate != null
  return [
    ...when(certificate !== '' && key === '' && !had, 'tls.clientKey', 'The private key of the certificate is needed.'),
    ...when(certificate === '' && key !== '', 'tls.clientKey', 'A key is of no use without its certificate.'),
  ]
}
