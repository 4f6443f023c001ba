// Files that options name.
import { readFile } from 'node:fs/promises'
import { fileFailure } from '../file-failure.ts'
import { CommandFailure, exitCodes } from './failure.ts'

/** `option`: e.g. `--ca-file`, for what is said of a file that cannot be read. */
export const readText = (option: string, file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandFailure(exitCodes.usage, `${option} ${file} cannot be read: ${fileFailure(error)}`)
  })
