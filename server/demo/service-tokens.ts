// The tokens that the demo's own parts hold: the stores' for their webhooks, Envoy's for its configuration.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { CliTokenCreateDocument, CliTokensDocument, type TokenRole } from '../../graphql/generated/operations.ts'
import { type Api, accepted } from '../cli/api.ts'

const token = z.object({ id: z.string(), secret: z.string() })
const stored = z.object({ notify: token, proxy: token })

export type ServiceTokens = z.infer<typeof stored>

async function readStored(file: string): Promise<ServiceTokens | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : stored.parse(JSON.parse(text))
}

async function create(api: Api, name: string, role: TokenRole) {
  const { secret, token: made } = accepted(
    (await api.run(CliTokenCreateDocument, { input: { name, role } })).tokenCreate,
  )
  return { id: made.id, secret }
}

/** Those of the last run, where they still hold, else new ones. */
export async function serviceTokens(api: Api, home: string): Promise<ServiceTokens> {
  const file = path.join(home, 'service-tokens.json')
  const before = await readStored(file)
  const { tokens } = await api.run(CliTokensDocument, {})
  const holds = (id: string | undefined) => tokens.some((found) => found.id === id)
  if (before !== undefined && holds(before.notify.id) && holds(before.proxy.id)) return before
  const made = {
    notify: await create(api, 'demo-stores', 'NOTIFY'),
    proxy: await create(api, 'demo-envoy', 'PROXY'),
  }
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return made
}
