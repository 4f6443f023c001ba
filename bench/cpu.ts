// What processes used, as Linux tells it.
import { readdirSync, readFileSync } from 'node:fs'

/** Of USER_HZ, which is 100 on every Linux that FaDO runs on. */
const ticksPerSecond = 100

function statOf(pid: number | string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ') // the program's name may hold anything
  } catch {
    return [] // it ended
  }
}

const used = { itself: [11, 12], ended: [13, 14] } as const
const parent = 1

const seconds = (pid: number | string, whose: keyof typeof used): number => {
  const stat = statOf(pid)
  return used[whose].reduce((sum, at) => sum + Number(stat[at] ?? 0), 0) / ticksPerSecond
}

/** Seconds that this process has used so far. */
export const cpuSeconds = (pid: number): number => seconds(pid, 'itself')

/** Seconds that those of its children used that have ended. */
export const cpuSecondsOfEnded = (pid: number): number => seconds(pid, 'ended')

/** Seconds of a process, its children, and those of them that have ended. */
export function cpuSecondsOfAll(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)[parent] === String(pid))
  return children.reduce((sum, child) => sum + seconds(child, 'itself'), cpuSeconds(pid) + cpuSecondsOfEnded(pid))
}

const memory = (pid: number, which: 'VmHWM' | 'VmRSS'): number => {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The most memory that it has had at once; 0 when it has ended. */
export const peakMegabytes = (pid: number): number => memory(pid, 'VmHWM')

/** The memory that it has now; 0 when it has ended. */
export const megabytes = (pid: number): number => memory(pid, 'VmRSS')
