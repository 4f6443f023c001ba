// `.fado/server.json`: where the server of a state directory answers, so that commands find it. Present while it runs; what a
// killed one left names a server that does not answer, until the next start.
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const content = z.object({ graphql: z.string(), pid: z.number() })

const fileIn = (stateDir: string): string => path.join(stateDir, 'server.json')

/**
 * Leaves the address of this process's API; what it resolves to takes it away again, unless another server has left its own
 * since. A directory that is not there or cannot be written to stays as it is: a server with all its secrets in the environment
 * needs none.
 */
export async function leaveAddress(stateDir: string, graphql: string): Promise<() => Promise<void>> {
  const file = fileIn(stateDir)
  const text = `${JSON.stringify({ graphql, pid: process.pid })}\n`
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, file)
  } catch {
    await rm(draft, { force: true }).catch(() => undefined)
    return async () => undefined
  }
  return async () => {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true })
  }
}

/** The GraphQL endpoint of the server that runs from this directory, as far as it could leave it. */
export async function leftAddress(stateDir: string): Promise<string | undefined> {
  const text = await readFile(fileIn(stateDir), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : content.parse(JSON.parse(text)).graphql
}
