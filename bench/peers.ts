// The tools that users copy buckets with today, built from their sources once per user, and called as their users tune them.
import { provideTool } from '../scripts/setup/tools.mjs'
import { locateTool } from '../server/tools.ts'

async function provide(name: 'mc' | 'rclone'): Promise<string> {
  await provideTool(name)
  return locateTool(name, process.env)
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
