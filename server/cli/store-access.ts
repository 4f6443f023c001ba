// How a store is reached, as options of `fado store add` and `update`. Its secrets are never arguments: those are seen by every
// user of the machine.
import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import type { StoreAddressing } from '../../graphql/generated/operations.ts'
import type { Config } from '../config.ts'
import { fileFailure } from '../file-failure.ts'
import { CommandFailure, exitCodes } from './failure.ts'

const styles: Readonly<Record<string, StoreAddressing>> = {
  auto: 'AUTO',
  path: 'PATH',
  'virtual-hosted': 'VIRTUAL_HOSTED',
}

export type AccessOptions = {
  readonly region?: string
  readonly publicEndpoint?: string
  readonly addressing?: string
  readonly caFile?: string
  readonly skipTlsVerify?: boolean
}

/** `none` takes a setting away, where there is one to take away. */
export function withAccessOptions(command: Command, takesAway: boolean): Command {
  const or = takesAway ? '; none takes it away' : ''
  return command
    .option('--region <name>', `if the store has regions${or}`)
    .option('--public-endpoint <url>', `the address that users' browsers reach it by${or}`)
    .addOption(new Option('--addressing <style>', 'how a bucket stands in an address').choices(Object.keys(styles)))
    .option('--ca-file <file>', `authorities (PEM) that its certificate is signed by${or}`)
    .option('--skip-tls-verify', 'take any certificate: for trials only')
}

const unless = (text: string) => (text === 'none' ? null : text)

/** The options as fields of the API's input; what was not given is left out. */
export async function accessInput({ region, publicEndpoint, addressing, caFile, skipTlsVerify }: AccessOptions) {
  const style = addressing === undefined ? undefined : styles[addressing]
  return {
    ...(region === undefined ? {} : { region: unless(region) }),
    ...(publicEndpoint === undefined ? {} : { publicEndpoint: unless(publicEndpoint) }),
    ...(style === undefined ? {} : { addressing: style }),
    ...(caFile === undefined ? {} : { caCertificates: caFile === 'none' ? null : await readCertificates(caFile) }),
    ...(skipTlsVerify === undefined ? {} : { skipTlsVerify }),
  }
}

async function readCertificates(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandFailure(exitCodes.usage, `--ca-file ${file} cannot be read: ${fileFailure(error)}`)
  })
}

export const secretsHelp = `
The secret key is read from standard input, a session token from the line after it; or both from FADO_STORE_SECRET_KEY and
FADO_STORE_SESSION_TOKEN.`

type Secrets = { readonly secretKey: string; readonly sessionToken?: string }

export async function readSecrets({ storeSecrets: given }: Pick<Config, 'storeSecrets'>): Promise<Secrets> {
  const { secretKey: key, sessionToken: token } = given
  if (key) return { secretKey: key, ...(token ? { sessionToken: token } : {}) }
  if (process.stdin.isTTY) process.stderr.write('Secret key (ends with Enter and Ctrl-D): ')
  const [secretKey = '', sessionToken = ''] = (await readAll(process.stdin)).split('\n').map((line) => line.trim())
  if (secretKey === '')
    throw new CommandFailure(exitCodes.usage, 'The secret key is read from standard input, which is empty')
  return { secretKey, ...(sessionToken === '' ? {} : { sessionToken }) }
}
