// What docker-compose.yml needs of a machine.
import { CommandError } from './run-command.ts'

export type Looking = {
  readonly run: (line: string) => Promise<string>
  /** Aborted: what failed meanwhile tells nothing. */
  readonly signal: AbortSignal
  readonly dockerfile: string
  /** Begins the names of the images that are built here. */
  readonly project: string
}

/** Why a command line fails here; undefined when it does not. */
async function failure({ run, signal }: Looking, line: string): Promise<string | undefined> {
  try {
    await run(line)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof CommandError)) throw error
    return error.lastLine
  }
}

/** Those of other people: built upon, or run as they are. */
async function baseImages({ run, dockerfile, project }: Looking): Promise<string[]> {
  const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)]
  const own = new Set(stages.map(([, , stage = '']) => stage))
  const services = (await run('docker compose config --images')).trim().split('\n')
  const images = [...stages.map(([, image = '']) => image), ...services]
  return [...new Set(images)].filter((image) => !own.has(image) && !image.startsWith(project)).sort()
}

/** In one sentence what is not here and cannot be had; undefined when all is there. Pulls base images. */
export async function missing(looking: Looking): Promise<string | undefined> {
  const fails = (line: string) => failure(looking, line)
  for (const program of ['docker', 'curl'])
    if ((await fails(`command -v ${program}`)) !== undefined) return `there is no ${program} in PATH`
  if ((await fails('docker compose version')) !== undefined) return 'this docker has no Compose'
  const engine = await fails("docker version --format '{{.Server.Version}}'")
  if (engine !== undefined) return `no container engine answers (${engine})`
  for (const image of await baseImages(looking)) {
    if ((await fails(`docker image inspect ${image}`)) === undefined) continue
    const pull = await fails(`docker pull --quiet ${image}`)
    if (pull !== undefined) return `the base image ${image} is not here and cannot be pulled (${pull})`
  }
  return undefined
}
