import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpuSecondsOfEnded, peakMegabytes } from './cpu.ts'

export type Used = { readonly seconds: number; readonly cpu: number; readonly megabytes: number }

/** Runs it to its end; throws with what it said when it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Used> {
  const [begun, before] = [performance.now(), cpuSecondsOfEnded(process.pid)]
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  let megabytes = 0
  const looks = setInterval(() => {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid ?? 0))
  }, 100)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(looks)
  if (code !== 0) throw new Error(`${program} failed (${code}): ${said}`)
  return {
    seconds: (performance.now() - begun) / 1000,
    cpu: cpuSecondsOfEnded(process.pid) - before,
    megabytes,
  }
}
