// `fado doctor`: what FaDO needs on this machine and what it knows of its fleet, whether all is well, and what to do where it is not.
import type { Config } from '../config.ts'
import { findTarget, type Given, isOfMachine, type Target } from './connection.ts'
import { examineFleet } from './doctor-fleet.ts'
import { examineClient, examineMachine } from './doctor-machine.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import type { Finding, Found } from './finding.ts'
import { json, table } from './output.ts'

export type DoctorOptions = {
  readonly config: Config
  /** `--server` and `--token`, as far as they were given. */
  readonly given: Given
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (text: string) => void
  readonly asJson: boolean
}

/** Of whom each finding is stands with it. Where another FaDO was named, this machine is not the one that it runs on. */
export async function examine({
  config,
  given: { server = config.url, token = config.token },
  env,
}: Pick<DoctorOptions, 'config' | 'given' | 'env'>): Promise<Finding[]> {
  const target = await findTarget({ server, token }, config).catch((failure: unknown): CommandFailure => {
    if (failure instanceof CommandFailure) return failure
    throw failure
  })
  const isOwn = server === undefined || (await isOfMachine(server, config))
  const [machine, fleet] = await Promise.all([
    isOwn ? examineMachine(config, env) : examineClient(),
    examineFleet(target, isOwn),
  ])
  const of = (name: string, found: readonly Found[]) => found.map((one): Finding => ({ of: name, ...one }))
  return [...of('this machine', machine), ...of(askedName(target, server), fleet)]
}

const askedName = (target: Target | CommandFailure, server: string | undefined): string => {
  const url = target instanceof CommandFailure ? server : target.url
  return url === undefined ? 'FaDO' : `FaDO at ${URL.parse(url)?.origin ?? url}`
}

/** Each cure once, with all the parts that it is for. */
export function curesOf(findings: readonly Pick<Finding, 'part' | 'cure'>[]): string[] {
  const parts = new Map<string, string[]>()
  for (const { part, cure } of findings) if (cure !== null) parts.set(cure, [...(parts.get(cure) ?? []), part])
  return [...parts].map(([cure, names]) => `${names.join(', ')}: ${cure}`)
}

/** Exit code 1 when something is broken. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(options)
  const columns = [
    { title: 'OF', of: ({ of }: Finding) => of },
    { title: 'PART', of: ({ part }: Finding) => part },
    { title: 'STATE', of: ({ state }: Finding) => state },
    { title: 'WHAT', of: ({ detail }: Finding) => detail },
  ]
  options.print(options.asJson ? json(findings) : table(columns, findings))
  if (!options.asJson) for (const line of curesOf(findings)) options.print(line)
  return findings.some(({ state }) => state === 'broken') ? exitCodes.failed : exitCodes.done
}
