// What every command that speaks to a FaDO has at hand.
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { type Api, createApi } from './api.ts'
import { findTarget, type Given, type Target } from './connection.ts'
import { type Column, json, table } from './output.ts'

export type CommandContext = {
  readonly config: Config
  /** Writes lines for the user. */
  readonly print: (text: string) => void
  /** Nobody reads what is printed any more: `| head` has had enough. */
  readonly readerGone: AbortSignal
}

type Options = Given & { readonly output?: 'json' }

const optionsOf = (command: Command): Options => command.optsWithGlobals<Options>()

/** The FaDO that is spoken to, for what goes beside its API. */
export async function targetOf({ config }: CommandContext, command: Command): Promise<Target> {
  const { server, token } = optionsOf(command)
  return findTarget({ server: server ?? config.url, token: token ?? config.token }, config)
}

export async function connect(context: CommandContext, command: Command): Promise<Api> {
  return createApi(await targetOf(context, command))
}

/** A list: as a table, or all of it as JSON. */
export const rowsAsText = <Row>(command: Command, columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  optionsOf(command).output === 'json' ? json(rows) : table(columns, rows)

export const wantsJson = (command: Command): boolean => optionsOf(command).output === 'json'

/** What a command did: a sentence, or the payload as JSON. */
export function printResult({ print }: CommandContext, command: Command, sentence: string, payload: unknown): void {
  print(optionsOf(command).output === 'json' ? json(payload) : sentence)
}
