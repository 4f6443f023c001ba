/** Codes of a refusal that a caller can act on. They are the API's `ErrorCode`. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'IN_USE'
  | 'UNREACHABLE'
  | 'UNSAFE'
  | 'FORBIDDEN'
  | 'LIMIT_EXCEEDED'

/** The code of what is no refusal, for nothing was decided: the database is away, or there is no room. The same may go well later. */
export const unavailable = 'UNAVAILABLE'

/**
 * An expected failure. The message is shown to users: it says what is wrong and what to do, and holds no secret and
 * nothing of our insides. `path` names the input field at fault, outermost first; empty when it is the whole request.
 */
export class FadoError extends Error {
  override readonly name = 'FadoError'
  readonly code: ErrorCode
  readonly path: readonly string[]

  constructor(code: ErrorCode, message: string, options: { path?: readonly string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path ?? []
  }
}
