// A step of docker-compose.yml, once FaDO is healthy: makes what Envoy and the stores start with. Each gets a token that
// may do its own work and nothing else. Repeating it changes nothing.
// usage: node prepare.ts FADO_URL ENVOY_FOLDER STORES_FOLDER, with FADO_TOKEN or FaDO's state directory at hand
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildBootstrap } from '../proxy/bootstrap.ts'
import { createApi } from '../server/cli/api.ts'
import { parseConfig } from '../server/config.ts'
import { serviceTokens } from '../server/demo/service-tokens.ts'
import { loadAdminToken } from '../server/secret-files.ts'

/** Readable by all, for each image has a user of its own; each folder is a volume of those alone who need it. */
const mode = 0o644

async function prepare(fado: string, envoyFolder: string, storesFolder: string): Promise<void> {
  const config = parseConfig(process.env)
  const api = createApi({ url: new URL('/graphql', fado).href, token: await loadAdminToken(config) })
  const { notify, proxy } = await serviceTokens(api, { home: config.stateDir, owner: 'compose' })
  const bootstrap = buildBootstrap({
    nodeId: 'compose',
    xds: [{ address: new URL(fado).hostname, port: config.xds.port }],
    admin: { address: '127.0.0.1', port: config.envoyAdminPort },
    token: proxy.secret,
  })
  const storeEnvironment = `MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO="${notify.secret}"\n`
  await writeFile(path.join(envoyFolder, 'envoy.json'), JSON.stringify(bootstrap), { mode })
  await writeFile(path.join(storesFolder, 'minio.env'), storeEnvironment, { mode })
}

const [, , fado = 'http://fado:8080', envoyFolder = '/start/envoy', storesFolder = '/start/stores'] = process.argv
await prepare(fado, envoyFolder, storesFolder).catch((error: Error) => {
  console.error(`prepare: ${error.message}`)
  process.exitCode = 1
})
