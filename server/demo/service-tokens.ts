// The tokens that parts of a set-up hold: the stores' for their webhooks, Envoy's for its configuration.
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import {
  CliTokenCreateDocument,
  CliTokenRevokeDocument,
  CliTokensDocument,
  type TokenRole,
} from '../../graphql/generated/operations.ts'
import { type Api, accepted } from '../cli/api.ts'

const token = z.object({ id: z.string(), secret: z.string() })
const stored = z.object({ notify: token, proxy: token })

export type ServiceTokens = z.infer<typeof stored>

export type ServiceTokenOptions = {
  /** Where they are kept between starts. */
  readonly home: string
  /** Begins their names, so that the list of tokens says whose they are. */
  readonly owner: 'demo' | 'compose'
}

async function readStored(file: string): Promise<Partial<ServiceTokens>> {
  try {
    return stored.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return {} // none yet, or nothing that helps: new ones are made
  }
}

/** Whole or not at all. */
async function writeStored(file: string, tokens: ServiceTokens): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(tokens), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

async function create(api: Api, name: string, role: TokenRole) {
  const { secret, token: made } = accepted(
    (await api.run(CliTokenCreateDocument, { input: { name, role } })).tokenCreate,
  )
  return { id: made.id, secret }
}

/** Each is that of the last run where it still holds, else a new one; a start that was cut short leaves none behind. */
export async function serviceTokens(api: Api, { home, owner }: ServiceTokenOptions): Promise<ServiceTokens> {
  const file = path.join(home, 'service-tokens.json')
  const before = await readStored(file)
  const { tokens } = await api.run(CliTokensDocument, {})
  async function provide(part: string, role: TokenRole, known: ServiceTokens['notify'] | undefined) {
    if (known !== undefined && tokens.some(({ id }) => id === known.id)) return known
    const name = `${owner}-${part}`
    // Made, but not written down: nobody has its secret.
    const lost = tokens.find((found) => found.name === name)
    if (lost !== undefined) accepted((await api.run(CliTokenRevokeDocument, { input: { id: lost.id } })).tokenRevoke)
    return create(api, name, role)
  }
  const now = {
    notify: await provide('stores', 'NOTIFY', before.notify),
    proxy: await provide('envoy', 'PROXY', before.proxy),
  }
  if (now.notify !== before.notify || now.proxy !== before.proxy) await writeStored(file, now)
  return now
}
