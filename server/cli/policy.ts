// `fado policy`.
import type { Command } from 'commander'
import {
  CliMasterPlaceDocument,
  CliMasterPlacesDocument,
  CliPolicySetDocument,
  CliPolicyUnsetDocument,
  type MasterPlaceFragment as MasterPlace,
  type PolicyScopeInput,
} from '../../graphql/generated/operations.ts'
import { zonesAllow } from '../domain/fleet/zones.ts'
import { listOf } from '../domain/reason.ts'
import { type Api, accepted, allPages } from './api.ts'
import { type CommandContext, connect, printResult } from './context.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { parseAssignment, policyHelp, valueText } from './policy-values.ts'

type ScopeOptions = { readonly global?: boolean; readonly cluster?: string; readonly bucket?: string }

function scopeOf({ global, cluster, bucket }: ScopeOptions): { scope: PolicyScopeInput; text: string } {
  const scopes: { scope: PolicyScopeInput; text: string }[] = []
  if (global) scopes.push({ scope: { global: true }, text: 'all' })
  if (cluster !== undefined) scopes.push({ scope: { cluster }, text: `cluster ${cluster}` })
  if (bucket !== undefined) scopes.push({ scope: { bucket }, text: `bucket ${bucket}` })
  const [scope, second] = scopes
  if (scope !== undefined && second === undefined) return scope
  throw new CommandFailure(
    exitCodes.usage,
    'Say where the policy holds: one of --bucket NAME, --cluster NAME, --global',
  )
}

function liesOutside({ master, policies }: MasterPlace): boolean {
  const zones = policies.find(({ name }) => name === 'zones')?.value
  return Array.isArray(zones) && !zonesAllow(zones.map(String), master.storageDeployment.cluster)
}

async function masterPlaces(api: Api, bucket: string | undefined): Promise<readonly MasterPlace[]> {
  if (bucket === undefined)
    return allPages(async (after) => (await api.run(CliMasterPlacesDocument, { first: 25, after })).buckets)
  const { bucket: place } = await api.run(CliMasterPlaceDocument, { name: bucket })
  return place === null ? [] : [place]
}

/** A policy takes no master away: says whose data now lies where zones forbid it. `bucket` undefined: of all buckets. */
async function mastersOutside(api: Api, bucket: string | undefined): Promise<string> {
  const outside = (await masterPlaces(api, bucket)).filter(liesOutside)
  if (outside.length === 0) return ''
  const names = listOf(outside.map(({ name, master }) => `${name} on ${master.storageDeployment.name}`))
  const [master, lies, it] = outside.length === 1 ? ['master', 'lies', 'It gets'] : ['masters', 'lie', 'They get']
  return `\nThe ${master} of ${names} now ${lies} where the data may not be. ${it} no calls, and the data stays until you allow a zone of it again or make the bucket elsewhere.`
}

const withScope = (command: Command) =>
  command
    .option('--bucket <name>', 'for this bucket')
    .option('--cluster <name>', 'for this cluster')
    .option('--global', 'for all that have no value of their own')

export function addPolicyCommands(program: Command, context: CommandContext): void {
  const policy = program.command('policy').description('set and unset policies')
  withScope(policy.command('set'))
    .argument(
      '<name=value>',
      'the value is JSON, plain text, names with commas, or the word that a value has (zones=all)',
    )
    .description('set a policy, for example: fado policy set zones=germany,eu --bucket photos')
    .addHelpText('after', `\nPolicies:\n${policyHelp()}`)
    .action(async (text: string, options: ScopeOptions, command: Command) => {
      const assignment = parseAssignment(text)
      const { scope, text: where } = scopeOf(options)
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliPolicySetDocument, { input: { scope, ...assignment } })).policySet)
      const { name, value } = payload.policy
      const outside = name === 'zones' ? await mastersOutside(api, options.bucket) : ''
      printResult(context, command, `${name} is ${valueText(name, value)} for ${where}.${outside}`, payload)
    })
  withScope(policy.command('unset'))
    .argument('<name>')
    .description('take a value away, so that the one of the wider scope holds')
    .action(async (name: string, options: ScopeOptions, command: Command) => {
      const { scope, text: where } = scopeOf(options)
      const api = await connect(context, command)
      const payload = accepted((await api.run(CliPolicyUnsetDocument, { input: { scope, name } })).policyUnset)
      const { value, source } = payload.policy
      const from = source.kind.toLowerCase()
      const outside = name === 'zones' ? await mastersOutside(api, options.bucket) : ''
      const sentence = `${name} is ${valueText(name, value)} for ${where} (${from}).${outside}`
      printResult(context, command, sentence, payload)
    })
}
