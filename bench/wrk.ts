// Calls as fast as they are answered, by wrk: it needs less of a core than what it calls.
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { provideTool } from '../scripts/setup/tools.mjs'
import { locateTool } from '../server/tools.ts'
import { cpuSeconds } from './cpu.ts'

/** Who takes calls of so many buckets, `bucket-0` and on. `authorization`: the header by which they are let in. */
export type Called = {
  readonly port: number
  readonly pid: number
  readonly buckets: number
  readonly authorization?: string
}

export type Load = {
  readonly perSecond: number
  /** Microseconds; of its process, a call. */
  readonly cpu: number
  /** Milliseconds. */
  readonly p50: number
}

const script = path.resolve(import.meta.dirname, 'calls.lua')

/** Throws where a call fails or is answered with an error. */
export async function load(
  { port, pid, buckets, authorization }: Called,
  connections: number,
  seconds: number,
): Promise<Load> {
  await provideTool('wrk')
  const flags = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${seconds}s`,
    '--timeout',
    '10s',
  ]
  const args = [
    ...flags,
    '--script',
    script,
    `http://127.0.0.1:${port}`,
    '--',
    String(buckets),
    ...(authorization ? [authorization] : []),
  ]
  const before = cpuSeconds(pid)
  const { stdout } = await promisify(execFile)(locateTool('wrk', process.env), args)
  const used = cpuSeconds(pid) - before
  const said = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  const { calls, microseconds, p50, failed } = said as Record<string, number>
  if (!calls || !microseconds || failed !== 0)
    throw new Error(`wrk had ${failed} failures in ${calls} calls:\n${stdout}`)
  return { perSecond: (calls * 1e6) / microseconds, cpu: (used * 1e6) / calls, p50: (p50 ?? 0) / 1000 }
}
