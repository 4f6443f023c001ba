// A part's log in `<state>/logs/<part>.log`. It is cut at a limit: the full one is kept once as `<part>.log.1`.
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import path from 'node:path'

const limitBytes = 5 * 1024 * 1024

export type LogFile = { readonly write: (text: string) => void; readonly close: () => void }

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** A log that cannot be written (disk full) is lost; the part goes on. */
export function openLogFile(file: string, limit = limitBytes): LogFile {
  mkdirSync(path.dirname(file), { recursive: true })
  const open = (): WriteStream => createWriteStream(file, { flags: 'a', mode: 0o600 }).on('error', () => undefined)
  let size = sizeOf(file)
  let stream = open()
  return {
    write(text) {
      if (size > limit) {
        stream.end() // its last bytes still find their file, whatever the name
        if (existsSync(file)) renameSync(file, `${file}.1`)
        stream = open()
        size = 0
      }
      size += Buffer.byteLength(text)
      stream.write(text)
    },
    close: () => stream.end(),
  }
}

/** Output goes on to standard error, where our own log is. */
export const logToStderr = (): LogFile => ({ write: (text) => process.stderr.write(text), close: () => undefined })
