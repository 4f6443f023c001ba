import { bytes } from '../../byte-words.ts'

const everyMs = 200

/** Draws how far something is on one line of a terminal; draws nothing where there is none. */
export function createProgress(name: string, terminal: NodeJS.WriteStream = process.stderr) {
  let last = 0
  return {
    tell(done: number, all: number): void {
      if (!terminal.isTTY) return
      const now = performance.now()
      if (done < all && now - last < everyMs) return
      last = now
      const share = all === 0 ? 100 : Math.floor((done / all) * 100)
      terminal.write(`\r\u001b[K${name}  ${share} % of ${bytes(all)}`)
    },
    end(): void {
      if (terminal.isTTY) terminal.write('\r\u001b[K')
    },
  }
}
