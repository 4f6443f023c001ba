// By what a platform knows that calls are FaDO's, as options of `fado function add` and `update`.
import type { Command } from 'commander'
import type { FaasAuthInput } from '../../graphql/generated/operations.ts'
import type { Config } from '../config.ts'
import { listOf } from '../domain/reason.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { readSecrets } from './read-secrets.ts'
import { readText } from './read-text.ts'

export type ProofOptions = {
  readonly awsAccessKey?: string
  readonly awsRegion?: string
  readonly awsService?: string
  readonly googleServiceAccount?: string
  readonly keyHeader?: string
  readonly bearer?: boolean
  /** False: `--no-auth`; otherwise nothing is said by it. */
  readonly auth?: boolean
}
type Secrets = Config['functionSecrets']

/** A way to prove it: `input` is asked where `named` was given. */
type Way<N extends keyof ProofOptions> = {
  readonly named: N
  /** The one of `named` first. */
  readonly options: readonly (readonly [flags: string, description: string])[]
  readonly input: (
    given: NonNullable<ProofOptions[N]>,
    options: ProofOptions,
    secrets: Secrets,
  ) => Promise<FaasAuthInput>
}

const usage = (message: string) => new CommandFailure(exitCodes.usage, message)

const awsSigV4: Way<'awsAccessKey'> = {
  named: 'awsAccessKey',
  options: [
    ['--aws-access-key <key>', 'calls are signed as of this key, its secret key is read'],
    ['--aws-region <region>', 'with --aws-access-key: where the function is'],
    ['--aws-service <name>', 'with --aws-access-key: what is called; lambda, unless given'],
  ],
  async input(accessKey, { awsRegion: region, awsService: service }, secrets) {
    if (region === undefined) throw usage('--aws-access-key needs --aws-region')
    const { secret: secretKey, ...token } = await readSecrets(secrets, 'secret key')
    return { awsSigV4: { accessKey, secretKey, ...token, region, ...(service === undefined ? {} : { service }) } }
  },
}

const googleServiceAccount: Way<'googleServiceAccount'> = {
  named: 'googleServiceAccount',
  options: [['--google-service-account <file>', 'ID tokens are made by this key file (JSON)']],
  input: async (file) => ({ googleServiceAccount: await readText('--google-service-account', file) }),
}

const key: Way<'keyHeader'> = {
  named: 'keyHeader',
  options: [['--key-header <name>', 'a key is sent in this header, the key is read']],
  input: async (header, _options, secrets) => ({ key: { header, value: (await readSecrets(secrets, 'key')).secret } }),
}

const bearer: Way<'bearer'> = {
  named: 'bearer',
  options: [['--bearer', 'a token is sent as Authorization: Bearer ..., the token is read']],
  input: async (_given, _options, secrets) => ({ bearer: (await readSecrets(secrets, 'token')).secret }),
}

/** One for each of the API's. */
const ways = { awsSigV4, googleServiceAccount, key, bearer } as const satisfies Readonly<
  Record<keyof FaasAuthInput, unknown>
>
const all = Object.values(ways)

export const withProofOptions = (command: Command): Command =>
  all.flatMap(({ options }) => options).reduce((so, [flags, description]) => so.option(flags, description), command)

const flagsOf = all.map(({ options }) => options[0]?.[0].split(' ', 1)[0] ?? '')

const inputOf = async <N extends keyof ProofOptions>(
  { named, input }: Way<N>,
  options: ProofOptions,
  secrets: Secrets,
) => {
  const given = options[named]
  return given === undefined ? undefined : input(given, options, secrets)
}

/** undefined: nothing was said of it; null: calls need no proof. */
export async function proofInput(
  options: ProofOptions,
  { functionSecrets }: Pick<Config, 'functionSecrets'>,
): Promise<FaasAuthInput | null | undefined> {
  const { awsAccessKey, awsRegion, awsService, auth } = options
  const given = all.filter(({ named }) => options[named] !== undefined)
  if (given.length + (auth === false ? 1 : 0) > 1)
    throw usage(`Say one of ${listOf(flagsOf)}, or --no-auth where it is offered`)
  if (awsAccessKey === undefined && (awsRegion ?? awsService) !== undefined)
    throw usage('--aws-region and --aws-service go with --aws-access-key')
  if (auth === false) return null
  for (const way of given) return inputOf(way as Way<keyof ProofOptions>, options, functionSecrets)
  return undefined
}
