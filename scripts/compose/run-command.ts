import { spawn } from 'node:child_process'

const shownLines = 40

/** A command line that did not end well. */
export class CommandError extends Error {
  readonly output: string
  constructor(line: string, code: number | null, output: string) {
    const end = output.trimEnd().split('\n').slice(-shownLines).join('\n')
    super(`${line}\n${code === null ? 'was ended' : `ended with code ${code}`}\n${end}`)
    this.output = output
  }
  /** Usually says why. */
  get lastLine(): string {
    return this.output.trim().split('\n').at(-1)?.trim() ?? ''
  }
}

export type CommandOptions = {
  /** Over the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Ends it, with all that it started. */
  readonly signal?: AbortSignal
}

/** Runs a command line as a shell does; resolves to what it printed. A terminal's Ctrl-C does not reach it. */
export function runCommand(line: string, { env, signal }: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const child = spawn('/bin/bash', ['-o', 'pipefail', '-c', line], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own, to be ended as a whole
    })
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    }
    signal?.addEventListener('abort', end, { once: true })
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
      })
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', end)
      if (code === 0) resolve(printed.stdout)
      else reject(new CommandError(line, code, printed.stdout + printed.stderr))
    })
  })
}
