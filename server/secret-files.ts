// Secrets that FaDO makes for itself at its first start: files in the state directory that only its user can read.
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from './config.ts'
import { FadoError } from './domain/errors.ts'
import { fileFailure } from './file-failure.ts'
import { createSecretBox, parseSecretKey, type SecretBox } from './secrets.ts'

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** The file's text; where there is none, `make()` is written first. Of several processes that try, one wins for all. */
async function ensureSecretFile(file: string, make: () => string): Promise<string> {
  try {
    return await readSecret(file).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
      await writeOnce(file, make())
      return readSecret(file)
    })
  } catch (cause) {
    throw new FadoError('VALIDATION_FAILED', `The file ${file} cannot be read or made: ${fileFailure(cause)}`, {
      cause,
    })
  }
}

async function readSecret(file: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim()
  await chmod(file, 0o600)
  return text
}

/** Whole or not at all, and never over another one's. */
async function writeOnce(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${text}\n`)
    await handle.sync()
    await link(draft, file).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } finally {
    await handle.close()
    await rm(draft, { force: true })
  }
}

/** From the configuration, or the file `secret.key`, made at the first start. */
export async function loadSecretBox(config: Pick<Config, 'secretKey' | 'stateDir'>): Promise<SecretBox> {
  const text =
    config.secretKey ??
    (await ensureSecretFile(path.join(config.stateDir, 'secret.key'), () => randomBytes(32).toString('hex')))
  return createSecretBox(parseSecretKey(text))
}

/** The first admin's token: from the configuration, or the file `token`, made at the first start. */
export async function loadAdminToken(config: Pick<Config, 'token' | 'stateDir'>): Promise<string> {
  return (
    config.token ??
    (await ensureSecretFile(path.join(config.stateDir, 'token'), () => `fado_${randomBytes(24).toString('base64url')}`))
  )
}
