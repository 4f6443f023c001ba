import type { FunctionsDraft, Platform } from '../../_lib/functions-draft.ts'
import type { FieldErrors } from '../../_lib/refusals.ts'

/** What each part of the form of functions is given. */
export type FunctionsPart = {
  readonly draft: FunctionsDraft
  readonly onChange: (part: Partial<FunctionsDraft>) => void
  readonly errors: FieldErrors
  /** A deployment that is there: its platform stays, and so do secrets that are left empty. */
  readonly isThere?: boolean
}
export type OfPlatform = FunctionsPart & { readonly platform: Platform }
