// Parts of a process: started one after the other, stopped in reverse.
import type { Log } from '../log.ts'

export type Running = { stop(): Promise<void> }

/** What has not stopped by then waits for the database: from then on it waits in vain. */
const lateMs = 4_000

/** Collects what was started; stopping undoes it, the last first, and goes on when one part does not stop well. */
function createStack(log: Log) {
  const parts: { readonly name: string; readonly stop: () => Promise<unknown> | unknown }[] = []
  const late: (() => void)[] = []
  let stopped: Promise<void> | undefined
  return {
    /** Called when the stop takes too long. */
    onLate(hurry: () => void): void {
      late.push(hurry)
    },
    /** Keeps what `start` returns. */
    async add<T>(name: string, start: () => Promise<T> | T, stop: (part: T) => Promise<unknown> | unknown): Promise<T> {
      const part = await start()
      parts.unshift({ name, stop: () => stop(part) })
      return part
    },
    stop(): Promise<void> {
      stopped ??= (async () => {
        let part = ''
        const timer = setTimeout(() => {
          log.warn({ part }, 'the stop takes long: nothing waits for the database any more')
          for (const hurry of late) hurry()
        }, lateMs)
        for (const { name, stop } of parts) {
          part = name
          await Promise.resolve()
            .then(stop)
            .catch((error: unknown) => log.warn({ err: error, part }, 'a part did not stop well'))
        }
        clearTimeout(timer)
      })()
      return stopped
    },
  }
}
export type Stack = ReturnType<typeof createStack>

export const stopOf = (part: Running) => part.stop()

/** Either all runs, or nothing does. */
export async function startAll(log: Log, start: (stack: Stack) => Promise<void>): Promise<Stack> {
  const stack = createStack(log)
  try {
    await start(stack)
    return stack
  } catch (error) {
    await stack.stop()
    throw error
  }
}
