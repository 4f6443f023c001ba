// The tools that users copy buckets with today, built from their sources once per user, and called as their users tune them.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { toolsDirectory } from '../server/tools/find-tool.mjs'

const execute = promisify(execFile)

const modules = {
  mc: 'github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9',
  rclone: 'github.com/rclone/rclone@v1.71.2',
} as const
type Program = keyof typeof modules

async function provide(name: Program): Promise<string> {
  const module = modules[name]
  const target = path.join(toolsDirectory(process.env), `peer-${name}-${module.split('@')[1]}`)
  const program = path.join(target, name)
  if (existsSync(program)) return program
  console.log(`${name} is built from ${module} (some minutes, once per user)`)
  await mkdir(target, { recursive: true })
  // Of a cross-compiling user, whose GOOS and GOARCH GOBIN refuses.
  const env = { ...process.env, GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '', GOOS: undefined, GOARCH: undefined }
  await execute('go', ['install', '-trimpath', '-ldflags=-s -w', module], { env })
  return program
}

export type Place = {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  readonly bucket: string
}

/** A command line that copies one bucket to another, empty one. */
export type Peer = {
  readonly name: string
  readonly command: (
    from: Place,
    to: Place,
  ) => Promise<{
    readonly program: string
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
  }>
}

const credentialsIn = ({ endpoint, accessKey, secretKey }: Place) =>
  endpoint.replace('://', `://${accessKey}:${secretKey}@`)

const mcMirror: Peer = {
  name: 'mc mirror',
  command: async (from, to) => ({
    program: await provide('mc'),
    args: ['mirror', '--quiet', `from/${from.bucket}`, `to/${to.bucket}`],
    env: { MC_HOST_from: credentialsIn(from), MC_HOST_to: credentialsIn(to), MC_DISABLE_PAGER: '1' },
  }),
}

const remote = (name: string, { endpoint, accessKey, secretKey }: Place) => ({
  [`RCLONE_CONFIG_${name}_TYPE`]: 's3',
  [`RCLONE_CONFIG_${name}_PROVIDER`]: 'Minio',
  [`RCLONE_CONFIG_${name}_ENDPOINT`]: endpoint,
  [`RCLONE_CONFIG_${name}_ACCESS_KEY_ID`]: accessKey,
  [`RCLONE_CONFIG_${name}_SECRET_ACCESS_KEY`]: secretKey,
})

/** As many at once, and as few requests for each object, as it can. */
const tuned = [
  ...['--transfers', '32', '--checkers', '32', '--fast-list', '--checksum'],
  ...['--s3-no-check-bucket', '--s3-disable-checksum', '--s3-no-head', '--config', '/dev/null'],
]
const rclone: Peer = {
  name: 'rclone, tuned',
  command: async (from, to) => ({
    program: await provide('rclone'),
    args: ['copy', ...tuned, `FROM:${from.bucket}`, `TO:${to.bucket}`],
    env: { ...remote('FROM', from), ...remote('TO', to) },
  }),
}

export const peers: readonly Peer[] = [mcMirror, rclone]
