// The commands of `fado`, against a control plane of the test's own; `startCommands`: with a fleet of rows.
import { expect, onTestFinished } from 'vitest'
import { type LocalCommands, runProgram } from '../../server/cli/program.ts'
import { parseConfig } from '../../server/config.ts'
import { startTestWeb } from './web.ts'
import { fleet } from './world/fleet.ts'

const none = async () => 1
const local: LocalCommands = { serve: none, demo: none, doctor: none, functionServer: none, envoyBootstrap: none }

/** One command, with the token that `admin` says. `text`: all that it printed, errors too. */
export async function runFado(
  { url, admin }: { readonly url: string; readonly admin: string },
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string }> {
  const printed: string[] = []
  const print = (text: string) => printed.push(text)
  const config = parseConfig({ FADO_URL: url, FADO_TOKEN: admin, ...env })
  const readerGone = new AbortController().signal
  const code = await runProgram([...args], { config, version: '1', local, print, printError: print, readerGone })
  return { code, text: printed.join('\n') }
}

export async function startCommands() {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => runFado(web, args, env)

  async function fado(...args: string[]): Promise<string> {
    const { code, text } = await run(args)
    expect(code, text).toBe(0)
    return text
  }

  async function refusal(code: number, ...args: string[]): Promise<string> {
    const ended = await run(args)
    expect(ended.code, ended.text).toBe(code)
    return ended.text
  }

  /** The cell of a table whose line begins with `row`, by its title. */
  async function cell(what: string, row: string, title: string): Promise<string> {
    const [titles = '', ...lines] = (await fado('get', what)).split('\n')
    const line = lines.find((one) => one.startsWith(row)) ?? ''
    const next = titles.slice(titles.indexOf(title)).search(/(?<= {2})\S/)
    return line.slice(titles.indexOf(title), next < 0 ? undefined : titles.indexOf(title) + next).trim()
  }

  return { web, rows, run, fado, refusal, cell }
}
