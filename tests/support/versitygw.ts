import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { type StoreProcess, startStore } from './store-process.ts'

/**
 * A second S3 store that shares no code with MinIO (github.com/versity/versitygw, on a plain directory): what holds on
 * both is S3, not MinIO. Not part of the set-up: null where neither FADO_VERSITYGW_BIN nor PATH has it.
 */
export function findVersitygw(): string | null {
  const named = process.env['FADO_VERSITYGW_BIN']
  if (named) return named
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute)
  return folders.map((folder) => path.join(folder, 'versitygw')).find(isProgram) ?? null
}

export function startVersitygw(command: string): Promise<StoreProcess> {
  const accessKey = 'versity'
  const secretKey = 'versity-secret'
  return startStore({
    name: 'versitygw',
    command,
    args: ({ address, dataDir }) => ['--port', address, '--quiet', 'posix', dataDir],
    env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    accessKey,
    secretKey,
  })
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
