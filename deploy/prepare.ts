// The first service of docker-compose.yml: makes the token that the others share, and what Envoy and the stores start with.
// usage: node prepare.ts SHARED_FOLDER
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildBootstrap } from '../proxy/bootstrap.ts'
import { parseConfig } from '../server/config.ts'
import { loadAdminToken } from '../server/secret-files.ts'

const [, , shared = '/shared'] = process.argv
const config = parseConfig(process.env)
const token = await loadAdminToken(config)
const bootstrap = buildBootstrap({
  nodeId: 'compose',
  xds: { address: 'fado', port: config.xds.port },
  admin: { address: '127.0.0.1', port: config.envoyAdminPort },
  token,
})
// Readable by all, for each image has a user of its own; the folder is a volume that only these services mount.
const mode = 0o644
await writeFile(path.join(shared, 'envoy.json'), JSON.stringify(bootstrap), { mode })
await writeFile(path.join(shared, 'minio.env'), `MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO="${token}"\n`, { mode })
