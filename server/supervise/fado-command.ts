// How this program is started as a process of its own.
import path from 'node:path'

const main = path.resolve(import.meta.dirname, '../main.ts')

/**
 * What a mover reads and writes is garbage within milliseconds, and little stays (35 MB). Left to itself the heap waits until
 * it is four times as large: collected at half as much again, a mover takes half the memory and no more time (bench/README.md).
 */
const smallHeap = ['--max-semi-space-size=4', '--heap-growing-percent=50']

export const fadoCommand = (
  role: 'control' | 'mover',
): { readonly command: string; readonly args: readonly string[] } => ({
  command: process.execPath,
  args: [...(role === 'mover' ? smallHeap : []), main, 'serve', '--role', role],
})
