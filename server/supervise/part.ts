// What the supervisor keeps running: anything that has a process, can be waited for, and can be stopped.

export type Exit = {
  readonly code: number | null
  readonly signal: string | null
  /** The last lines it wrote. */
  readonly log: string
}

export type Running = {
  /** The part itself, no shell or wrapper around it. */
  readonly pid: number
  /** Resolves when it answers; rejects when it ended before that, or took too long. */
  readonly ready: Promise<void>
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<Exit>
  /** Asks it to end, forces it when it does not, resolves when it is gone. May be called twice. */
  readonly stop: () => Promise<void>
  /** Ends it at once. */
  readonly kill: () => void
}

export type Part = {
  readonly name: string
  /** What stands on a higher floor is stopped first. */
  readonly floor: number
  /** Nobody waits for it: it is started again even when it dies before it was ever ready. */
  readonly background?: boolean
  /** Starts it once; resolves as soon as there is a process. The signal gives up a start under way. */
  readonly launch: (signal: AbortSignal) => Promise<Running>
}

/** Ours end with a sentence of this form; a stack may follow it. */
const sentence = /^fado: (.*)$/

/** Why a part ended, in one line: the signal that ended it, else its last words, else its exit code. */
export function describeExit({ code, signal, log }: Exit): string {
  if (signal !== null) return signal
  const said = log.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'))
  const last = said.findLast((line) => sentence.test(line)) ?? said.at(-1)
  return last?.replace(sentence, '$1').trim() ?? `exit code ${code}`
}
