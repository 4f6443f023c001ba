// What the head of docker-compose.yml tells a new user to type, for a project of any name on any ports.

/** Published ports of docker-compose.yml: the variable that moves each, and where it is by itself. */
export const publishedPorts = (composeFile: string): ReadonlyMap<string, number> =>
  new Map(
    [...composeFile.matchAll(/'127\.0\.0\.1:\$\{(\w+):-(\d+)\}:\d+'/g)].map(([, name = '', port]) => [
      name,
      Number(port),
    ]),
  )

export type HeadSteps = {
  /** Builds and starts everything. */
  readonly start: string
  /** Prints the administrator's token. */
  readonly token: string
  /** The cluster hpc, its store and functions; edge and cloud go the same way. */
  readonly cluster: readonly string[]
  /** A bucket with an object. */
  readonly bucket: readonly string[]
  /** Calls a function on it, and prints the answer with its headers. */
  readonly call: string
}

/** The indented lines of the comment that the file begins with; throws when they are not those that are expected. */
export function headSteps(composeFile: string): HeadSteps {
  const head = composeFile.slice(0, composeFile.search(/^[^#]/m))
  const lines = [...head.matchAll(/^# {3}(\S.*)$/gm)].map(([, line = '']) => line)
  const [start = '', token = '', ...rest] = lines
  const [cluster, bucket] = [rest.slice(0, 3), rest.slice(3, 5)]
  const call = rest[5] ?? ''
  if (lines.length !== 8 || !cluster.every((line) => line.includes(' add ')) || !call.includes('/function/'))
    throw new Error('The head of docker-compose.yml tells other steps than scripts/compose/head-steps.ts knows')
  return { start, token, cluster, bucket, call }
}

/** A line of the head, with the host's ports as they were moved. */
export const onPorts = (line: string, usual: ReadonlyMap<string, number>, moved: Readonly<Record<string, string>>) =>
  line.replaceAll(/127\.0\.0\.1:(\d+)/g, (all, port) => {
    const name = [...usual].find(([, value]) => value === Number(port))?.[0]
    return name === undefined ? all : `127.0.0.1:${moved[name]}`
  })
