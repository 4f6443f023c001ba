// The program: a command line in, an exit code out.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { exitCodes } from './cli/failure.ts'
import { type LocalCommands, runProgram } from './cli/program.ts'
import { watchStopSignals } from './cli/stop-signals.ts'
import { parseConfig } from './config.ts'
import { FadoError } from './domain/errors.ts'

const { env } = process
/** Half of them look names up (host-addresses.ts): enough that some silent name servers leave one to everybody else. */
env['UV_THREADPOOL_SIZE'] ??= '32'
const print = (text: string) => console.log(text)
const printError = (text: string) => console.error(text)
const gone = new AbortController()

const packageFile = path.resolve(import.meta.dirname, '../package.json')
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

/** What a command needs is loaded when it is called: `fado get` shall not wait for the console's server. */
function localCommands(config: ReturnType<typeof parseConfig>): LocalCommands {
  return {
    async serve(role, links) {
      const signals = watchStopSignals()
      const { serve } = await import('./cli/serve.ts')
      return serve({ config, env, role, links, signals, print })
    },
    async demo(mode) {
      const { stop: signal, force } = watchStopSignals()
      const { runDemo } = await import('./demo/demo.ts')
      return runDemo({ config, env, mode, print, signal, force }).catch((error: unknown) => {
        if (signal.aborted) return exitCodes.interrupted
        throw error
      })
    },
    async doctor(asJson, given) {
      const { runDoctor } = await import('./cli/doctor.ts')
      return runDoctor({ config, given, env, print, asJson })
    },
    async envoyBootstrap(settings) {
      const { envoyBootstrap } = await import('./cli/envoy-bootstrap.ts')
      return envoyBootstrap(settings, { config, print })
    },
    async functionServer(settings) {
      const { stop: signal } = watchStopSignals()
      const { serveFunctions } = await import('./demo/serve-functions.ts')
      return serveFunctions({ ...settings, env, print, signal })
    },
  }
}

async function run(): Promise<number> {
  try {
    const config = parseConfig(env)
    const local = localCommands(config)
    return await runProgram(process.argv.slice(2), {
      config,
      version,
      local,
      print,
      printError,
      readerGone: gone.signal,
    })
  } catch (error) {
    // What the user can do something about is one sentence; anything else is our fault and shows where it came from.
    if (error instanceof FadoError) printError(`fado: ${error.message}`)
    else printError(`fado: ${error instanceof Error ? error.stack : String(error)}`)
    return exitCodes.failed
  }
}

// A reader that has gone away (a closed terminal, `| head`) ends what is only there to be read, and is no reason for
// `serve` and `demo` to leave parts running.
process.stdout.on('error', () => gone.abort())
process.stderr.on('error', () => undefined)

process.exitCode = await run()
// Nothing that a library left open may hold up the end.
process.exit()
