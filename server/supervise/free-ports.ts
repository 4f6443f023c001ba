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

/** Throws IN_USE for the first port that cannot be had. */
export async function requirePorts(uses: readonly PortUse[], address: string, cure: string): Promise<void> {
  const problems = await Promise.all(uses.map(({ port }) => portProblem(address, port)))
  const at = problems.findIndex((problem) => problem !== undefined)
  const taken = uses[at]
  if (taken === undefined) return
  const why = problems[at] === 'EADDRINUSE' ? 'is taken' : `cannot be used (${problems[at]})`
  throw new FadoError('IN_USE', `Port ${taken.port} (${taken.use}) ${why}: stop what uses it, or ${cure}`)
}
