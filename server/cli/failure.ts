// How a command ends. Scripts rely on these numbers; `fado --help` lists them.
import { unavailable } from '../domain/errors.ts'

export const exitCodes = {
  done: 0,
  /** Something failed that is not below. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** FaDO refused the request; its code is printed. */
  refused: 3,
  /** FaDO or its database cannot be reached, or it does not take the token. */
  unreachable: 4,
  /** Ctrl-C before it was done. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command: the message is one sentence for the user. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: ExitCode
  /** FaDO's code of a refusal. */
  readonly code: string | undefined

  constructor(exitCode: ExitCode, message: string, options: { cause?: unknown; code?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = exitCode
    this.code = options.code
  }
}

/** What FaDO answers in place of what was asked. `code`: FaDO's, where it gives one. */
export const answeredBy = (message: string, code: string | undefined): CommandFailure =>
  code === undefined
    ? new CommandFailure(exitCodes.refused, message)
    : new CommandFailure(code === unavailable ? exitCodes.unreachable : exitCodes.refused, `${message} (${code})`, {
        code,
      })

export const isUnavailable = ({ code }: CommandFailure): boolean => code === unavailable
