import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { locateTool } from '../../server/tools.ts'
import { type StoreProcess, startStore } from './store-process.ts'
import { tempDir } from './temp-dir.ts'

export type MinioOptions = {
  /** Where events of subscribed buckets are posted to: the target `FADO`, without a queue. */
  readonly webhook?: { readonly url: string; readonly token?: string }
  /** More of MinIO's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** It speaks https with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string }
}

/** A real MinIO; needs the program in FADO_MINIO_BIN, PATH, or made by the set-up. */
export async function startMinio({ webhook, env = {}, tls }: MinioOptions = {}): Promise<StoreProcess> {
  const accessKey = 'minio'
  const secretKey = 'minio123'
  const certs = tls === undefined ? [] : ['--certs-dir', await certificateFiles(tls)]
  return startStore({
    name: 'minio',
    command: locateTool('minio', process.env),
    args: ({ address, dataDir }) => ['server', '--quiet', ...certs, '--address', address, dataDir],
    env: {
      MINIO_ROOT_USER: accessKey,
      MINIO_ROOT_PASSWORD: secretKey,
      MINIO_BROWSER: 'off',
      ...(webhook === undefined ? {} : webhookTarget('FADO', webhook)),
      ...env,
    },
    accessKey,
    secretKey,
    ...(tls === undefined ? {} : { scheme: 'https', caCertificates: tls.ca }),
  })
}

/** Files of uploads in parts that were neither completed nor taken back. */
export async function unfinishedUploads(dataDir: string): Promise<string[]> {
  const found = await readdir(path.join(dataDir, '.minio.sys', 'multipart'), { recursive: true }).catch(() => [])
  return found.filter((name) => name.endsWith('xl.meta'))
}

/** The folder that MinIO reads its certificate from. */
async function certificateFiles({ cert, key }: { cert: string; key: string }): Promise<string> {
  const dir = await tempDir()
  await writeFile(path.join(dir, 'public.crt'), cert)
  await writeFile(path.join(dir, 'private.key'), key)
  return dir
}

/** MinIO's settings for a webhook target without a queue. */
export function webhookTarget(id: string, { url, token }: { url: string; token?: string }): Record<string, string> {
  return {
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${id}`]: 'on',
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${id}`]: url,
    ...(token === undefined ? {} : { [`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${id}`]: token }),
  }
}
