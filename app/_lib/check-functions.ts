// What the API would refuse of a function deployment, found before it is asked.
import type { FunctionsPartsFragment } from '../../graphql/generated/operations.ts'
import { templateFault } from '../../server/domain/fleet/call-form.ts'
import { addressWords, isBase, type Problem, when } from './check-fields.ts'
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
  const isKept = before?.auth?.kind === draft.auth
  const missing = (text: string, field: string, what: string) =>
    when(text.trim() === '', `auth.${field}`, `${what} is needed.`)
  switch (draft.auth) {
    case null:
      return []
    case 'AWS_SIGV4': {
      const isOther = !isKept || before?.auth?.as !== draft.accessKey.trim() || draft.sessionToken !== ''
      return [
        ...missing(draft.accessKey, 'awsSigV4.accessKey', 'An access key'),
        ...(isOther ? missing(draft.secretKey, 'awsSigV4.secretKey', 'The secret key of this access key') : []),
        ...missing(draft.region, 'awsSigV4.region', 'A region'),
        ...missing(draft.service, 'awsSigV4.service', 'A service'),
      ]
    }
    case 'GOOGLE_SERVICE_ACCOUNT':
      return isKept ? [] : missing(draft.serviceAccount, 'googleServiceAccount', 'The key file of a service account')
    case 'KEY':
      return [
        ...missing(draft.header, 'key.header', 'The name of a header'),
        ...(isKept ? [] : missing(draft.secret, 'key.value', 'A key')),
      ]
    case 'BEARER':
      return isKept ? [] : missing(draft.secret, 'bearer', 'A token')
  }
}

function checkTls(draft: FunctionsDraft, before: FunctionsPartsFragment | undefined): readonly Problem[] {
  const [certificate, key] = [draft.clientCertificate.trim(), draft.clientKey.trim()]
  const had = before?.tls?.clientCertificate != null
  return [
    ...when(certificate !== '' && key === '' && !had, 'tls.clientKey', 'The private key of the certificate is needed.'),
    ...when(certificate === '' && key !== '', 'tls.clientKey', 'A key is of no use without its certificate.'),
  ]
}
