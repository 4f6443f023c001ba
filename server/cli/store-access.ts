// How a store is reached, as options of `fado store add` and `update`.
import { type Command, Option } from 'commander'
import type { StoreAddressing } from '../../graphql/generated/operations.ts'
import type { Config } from '../config.ts'
import { readSecrets } from './read-secrets.ts'
import { readText } from './read-text.ts'

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
    ...(caFile === undefined ? {} : { caCertificates: caFile === 'none' ? null : await readText('--ca-file', caFile) }),
    ...(skipTlsVerify === undefined ? {} : { skipTlsVerify }),
  }
}

/** Of `fado store add` and `update`. */
export const secretsHelp = `
The secret key is read from standard input, a session token from the line after it; or both from FADO_STORE_SECRET_KEY and
FADO_STORE_SESSION_TOKEN.`

type StoreSecrets = { readonly secretKey: string; readonly sessionToken?: string }

export async function readStoreSecrets({ storeSecrets }: Pick<Config, 'storeSecrets'>): Promise<StoreSecrets> {
  const { secret: secretKey, ...token } = await readSecrets(storeSecrets, 'secret key')
  return { secretKey, ...token }
}
