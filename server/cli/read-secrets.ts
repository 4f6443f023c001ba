// Secrets are never arguments: those are seen by every user of the machine. They come from variables, else from standard
// input.
import { text as readAll } from 'node:stream/consumers'
import type { Secrets } from '../config.ts'
import { CommandFailure, exitCodes } from './failure.ts'

export type ReadSecrets = { readonly secret: string; readonly sessionToken?: string }

/** What is read of standard input is the secret, and on the line after it a session token. `what`: e.g. `secret key`. */
export async function readSecrets({ secret: given, sessionToken: token }: Secrets, what: string): Promise<ReadSecrets> {
  if (given) return { secret: given, ...(token ? { sessionToken: token } : {}) }
  const name = what.slice(0, 1).toUpperCase() + what.slice(1)
  if (process.stdin.isTTY) process.stderr.write(`${name} (ends with Enter and Ctrl-D): `)
  const [secret = '', sessionToken = ''] = (await readAll(process.stdin)).split('\n').map((line) => line.trim())
  if (secret === '')
    throw new CommandFailure(exitCodes.usage, `The ${what} is read from standard input, which is empty`)
  return { secret, ...(sessionToken === '' ? {} : { sessionToken }) }
}
