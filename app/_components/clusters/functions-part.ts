import type { FunctionsPartsFragment } from '../../../graphql/generated/operations.ts'
import type { FunctionsDraft, Platform } from '../../_lib/functions-draft.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'

/** What each part of the form of functions is given. */
export type FunctionsPart = {
  readonly draft: FunctionsDraft
  readonly onChange: (part: Partial<FunctionsDraft>) => void
  readonly errors: FieldErrors
  /** As it is, where it is one that is changed: its platform stays, and so do its secrets that are left empty. */
  readonly before?: FunctionsPartsFragment
}
export type OfPlatform = FunctionsPart & { readonly platform: Platform }
