// Refusals are data: a mutation answers its payload, or an error that its caller can act on.
import { type ErrorCode as Code, FadoError } from '../../server/domain/errors.ts'
import { builder } from './builder.ts'

const meanings: Readonly<Record<Code, string>> = {
  VALIDATION_FAILED: 'The input is not usable; the path names the field.',
  NOT_FOUND: 'What the input names does not exist.',
  ALREADY_EXISTS: 'A thing of that name or address exists.',
  CONFLICT: 'The version or plan is no longer the present one, or the thing is being deleted.',
  IN_USE: 'Something else needs it, or stands in its place.',
  UNREACHABLE: 'A store does not answer.',
  UNSAFE: 'It would break a guarantee; the message says which.',
  FORBIDDEN: 'The token may not do this.',
  LIMIT_EXCEEDED: 'There would be too many.',
}

const ErrorCode = builder.enumType('ErrorCode', {
  values: Object.fromEntries(Object.entries(meanings).map(([name, description]) => [name, { description }])) as Record<
    Code,
    { description: string }
  >,
})

const UserError = builder.interfaceRef<FadoError>('UserError').implement({
  description: 'Why a mutation changed nothing.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'For people: what is wrong and what to do.' }),
    code: t.field({ type: ErrorCode, resolve: (error) => error.code }),
    path: t.stringList({
      description: 'The argument at fault, outermost first; empty when it is the whole request.',
      resolve: (error) => (error.path.length === 0 ? [] : ['input', ...error.path]),
    }),
  }),
})

builder.objectType(FadoError, { name: 'InputError', interfaces: [UserError] })

/** For the option `errors` of a mutation. */
export const refusals = { types: [FadoError] }
