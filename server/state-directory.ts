// The directory where FaDO keeps its own database, keys and logs.
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { FadoError } from './domain/errors.ts'
import { fileFailure } from './file-failure.ts'

export const unusableStateDirectory = (stateDir: string, cause: unknown): FadoError =>
  new FadoError(
    'UNREACHABLE',
    `The state directory ${stateDir} cannot be used (${fileFailure(cause)}): make it yours, or set FADO_STATE_DIR to another one`,
    { cause },
  )

/** Before a command that is printed for another terminal: `fado` finds there what runs from the default directory alone. */
export const stateDirectoryPrefix = (env: Readonly<Record<string, string | undefined>>): string =>
  env['FADO_STATE_DIR'] ? `FADO_STATE_DIR=${env['FADO_STATE_DIR']} ` : ''

/** Makes it where it is not there; throws UNREACHABLE when nothing can be kept in it. */
export async function openStateDirectory(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true })
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw unusableStateDirectory(stateDir, cause)
  }
}
