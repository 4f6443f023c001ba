// Whether something listens on a port already: asked before anything is started.
import { createServer } from 'node:net'
import { FadoError } from '../domain/errors.ts'

export type PortUse = { readonly port: number; readonly use: string }

/** Undefined when the port can be had, else the system's reason (EADDRINUSE, EACCES). */
export function portProblem(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** A problem of `portProblem` in words, with its cure. `move`: how the port is set to another one. */
export function portWords({ port, use }: PortUse, address: string, problem: string, move: string): string {
  const named = `Port ${port} (${use})`
  switch (problem) {
    case 'EADDRINUSE':
      return `${named} is taken: stop what uses it, or ${move}`
    case 'EACCES':
      return `${named} is kept for the system, as those below 1024 are: ${move}`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${named} cannot be had on ${address}, which is no address of this machine`
    default:
      return `${named} cannot be used on ${address} (${problem}): ${move}`
  }
}

/** Throws IN_USE for the first port that cannot be had. */
export async function requirePorts(uses: readonly PortUse[], address: string, move: string): Promise<void> {
  const problems = await Promise.all(uses.map(({ port }) => portProblem(address, port)))
  for (const [i, use] of uses.entries()) {
    const problem = problems[i]
    if (problem !== undefined) throw new FadoError('IN_USE', portWords(use, address, problem, move))
  }
}
