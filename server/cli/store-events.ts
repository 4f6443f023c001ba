// `fado store events`: how a store's changes become known, and what to set there for better.
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  CliStoreEventsDocument,
  type CliStoreEventsQuery,
  type EventsSetting,
} from '../../graphql/generated/operations.ts'
import { type CommandContext, connect, targetOf, wantsJson } from './context.ts'
import { type EventGuide, eventGuides, guidesFor, guideText, tokenText } from './event-guides.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { json } from './output.ts'

type Store = NonNullable<CliStoreEventsQuery['storageDeployment']>

const stateWords: Readonly<Record<Store['events']['state'], string>> = {
  BELIEVED: 'It tells of changes',
  UNHEARD: 'Of some buckets it has told nothing yet',
  SILENT: 'Some buckets changed and it did not tell',
  NONE: 'It tells nothing of changes',
}

function stateText({ events: { state, form, lastEventAt, snsTopics, hints } }: Store): readonly string[] {
  const last =
    lastEventAt === null
      ? 'no event ever arrived'
      : `last event ${lastEventAt} (${(form ?? '').toLowerCase().replaceAll('_', '-')})`
  return [
    `${stateWords[state]}; ${last}.`,
    ...snsTopics.map((topic) => `It may tell by ${topic}.`),
    ...hints.map(({ message }) => `${message}.`),
  ]
}

function origin(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It must be an address such as https://fado.example.com.')
  return url.origin
}

type Options = { readonly for?: EventGuide; readonly address?: string }

export function addStoreEvents(store: Command, context: CommandContext): void {
  store
    .command('events')
    .argument('<name>')
    .description('how changes on a store become known, and what to set there so that it tells at once')
    .addOption(new Option('--for <source>', 'the settings of this source only').choices(Object.keys(eventGuides)))
    .option('--address <url>', 'where the store reaches FaDO; default: as this command does', origin)
    .action(async (name: string, options: Options, command: Command) => {
      const api = await connect(context, command)
      const { storageDeployment: found } = await api.run(CliStoreEventsDocument, { name })
      if (found === null)
        throw new CommandFailure(exitCodes.refused, `There is no storage deployment ${name} (NOT_FOUND)`)
      const base = options.address ?? new URL((await targetOf(context, command)).url).origin
      const facts = {
        ...found,
        offered: found.capabilities.includes('webhook-events'),
        address: base + found.events.path,
      }
      const guides = options.for === undefined ? guidesFor(facts) : [options.for]
      const settings = guides.flatMap((guide) => ['', ...guideText(guide, facts)])
      const needsToken = guides.some((guide) => guide !== 'sns')
      const lines = [...stateText(found), ...(needsToken ? ['', tokenText(facts)] : []), ...settings]
      context.print(wantsJson(command) ? json({ ...found.events, address: facts.address, settings }) : lines.join('\n'))
    })
}

const settings: Readonly<Record<string, EventsSetting>> = { auto: 'AUTO', external: 'EXTERNAL', none: 'NONE' }

export type EventOptions = { readonly events?: string; readonly snsTopic?: readonly string[] }

export const withEventOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--events <who>',
        'who sees to it that it tells of changes: auto (FaDO), external (you: fado store events), none',
      ).choices(Object.keys(settings)),
    )
    .option(
      '--sns-topic <arn>',
      'with external: a topic of AWS SNS that is believed; may be given several times, all at once; none takes them away',
      (arn: string, before: readonly string[] = []) => [...before, arn],
    )

/** The options as fields of the API's input; what was not given is left out. */
export function eventInput({ events, snsTopic }: EventOptions) {
  const setting = events === undefined ? undefined : settings[events]
  return {
    ...(setting === undefined ? {} : { events: setting }),
    ...(snsTopic === undefined ? {} : { snsTopics: snsTopic.filter((arn) => arn !== 'none') }),
  }
}
