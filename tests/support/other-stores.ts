// Stores that share no code with MinIO: what holds on all of them is S3, not MinIO. The set-up makes them, see
// scripts/setup.mjs.
import { findTool, locateTool, type ToolName } from '../../server/tools.ts'
import { type StoreProcess, startStore } from './store-process.ts'

/** Made by `npm run test:soak`, and tried there, so that `npm test` is the same wherever it runs. */
const ofTheSoak: readonly ToolName[] = ['versitygw', 'rclone']

export const isTried = (tool: ToolName): boolean =>
  findTool(tool, process.env) !== undefined && (!ofTheSoak.includes(tool) || process.env['FADO_ALL_STORES'] === 'yes')

/** On a plain directory: github.com/versity/versitygw. */
export function startVersitygw(): Promise<StoreProcess> {
  const [accessKey, secretKey] = ['versity', 'versity-secret']
  return startStore({
    name: 'versitygw',
    command: locateTool('versitygw', process.env),
    args: ({ address, dataDir }) => ['--port', address, '--quiet', 'posix', dataDir],
    env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    accessKey,
    secretKey,
  })
}

/** On a plain directory; `baseUrl` puts it below a path. */
export function startRclone({ baseUrl = '' }: { baseUrl?: string } = {}): Promise<StoreProcess> {
  const [accessKey, secretKey] = ['rclone', 'rclone-secret']
  return startStore({
    name: 'rclone',
    command: locateTool('rclone', process.env),
    args: ({ address, dataDir }) => [
      ...['serve', 's3', '--config', '/dev/null', '--addr', address, '--baseurl', baseUrl],
      ...['--auth-key', `${accessKey},${secretKey}`, '--vfs-cache-mode', 'off', dataDir],
    ],
    env: {},
    accessKey,
    secretKey,
    path: baseUrl,
  })
}

/** In memory, with AWS's rules for names. It takes any signature. */
export function startMoto(): Promise<StoreProcess> {
  return startStore({
    name: 'moto',
    command: locateTool('moto', process.env),
    args: ({ address }) => ['-H', address.split(':')[0] ?? '', '-p', address.split(':')[1] ?? ''],
    env: {},
    accessKey: 'moto',
    secretKey: 'moto-secret',
  })
}
