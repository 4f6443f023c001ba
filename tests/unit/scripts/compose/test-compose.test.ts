// `npm run test:compose` with a `docker` that only notes what it is asked: what it says where something is missing, and that
// it leaves nothing behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../../server/process-table.ts'
import { eventually } from '../../../support/eventually.ts'
import { tempDir } from '../../../support/temp-dir.ts'

const root = path.resolve(import.meta.dirname, '../../../..')

/** Starts it on a machine with curl, and a docker whose answers are branches of a shell's `case "$*" in`. */
async function start(answers: string | undefined) {
  const dir = await tempDir()
  const bin = path.join(dir, 'bin')
  const log = path.join(dir, 'log')
  await mkdir(bin)
  await writeFile(log, '')
  await symlink('/bin/sleep', path.join(bin, 'sleep'))
  await writeFile(path.join(bin, 'curl'), '#!/bin/bash\n')
  const script = `#!/bin/bash\necho "$COMPOSE_PROJECT_NAME $*" >>${log}\ncase "$*" in\n${answers}\n*) ;;\nesac\n`
  if (answers !== undefined) await writeFile(path.join(bin, 'docker'), script)
  for (const program of answers === undefined ? ['curl'] : ['curl', 'docker'])
    await chmod(path.join(bin, program), 0o755)
  const child = spawn(process.execPath, ['scripts/test-compose.ts'], { cwd: root, env: { ...process.env, PATH: bin } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [printed, exit] = [text(child.stdout), once(child, 'exit')]
  return {
    child,
    bin,
    asked: async () => (await readFile(log, 'utf8')).trim().split('\n'),
    ended: async () => ({ printed: await printed, code: Number((await exit)[0]) }),
  }
}

test.for([
  ['there is no docker in PATH', undefined],
  ['this docker has no Compose', "'compose version') echo \"docker: 'compose' is not a docker command.\"; exit 1;;"],
  ['no container engine answers (Cannot connect)', "'version '*) echo Client; echo 'Cannot connect' >&2; exit 1;;"],
  [
    'the base image debian:bookworm-slim is not here and cannot be pulled (no such host)',
    "'image inspect '*) exit 1;; 'pull '*) echo 'no such host' >&2; exit 1;;",
  ],
] as const)('says that %s, and counts as skipped', async ([sentence, answers]) => {
  const { ended, asked } = await start(answers)
  const printed = `docker-compose.yml was not played: ${sentence}.\n0 passed, 0 failed, 1 skipped\n`
  expect(await ended()).toEqual({ printed, code: 0 })
  expect((await asked()).join('\n')).not.toMatch(/ up | down /)
})

const isThere = "'compose config --images') echo $COMPOSE_PROJECT_NAME; echo postgres:18; echo envoy:1;;"

/** Its own project, and whether it was removed with all that belongs to it, as the last that was done. */
function expectRemoved(asked: readonly string[]): void {
  const [, project = ''] = /^(fado-test-[0-9a-f]{8}) compose /.exec(asked.at(-2) ?? '') ?? []
  expect(asked.slice(-2)).toEqual([
    `${project} compose down --volumes --remove-orphans --timeout 5`,
    `${project} image rm --force ${project} ${project}-minio`,
  ])
  expect(asked.every((line) => line.startsWith(`${project} `))).toBe(true)
}

test('a start that fails is told with what was printed, and removed again', async () => {
  const { ended, asked } = await start(`${isThere} 'compose up '*) echo 'port is taken' >&2; exit 17;;`)
  const { code, printed } = await ended()
  expect(code).toBe(1)
  expect(printed).toMatch(/compose up .*\nended with code 17\nport is taken\n0 passed, 1 failed\n$/)
  const lines = await asked()
  expectRemoved(lines)
  const bases = lines.flatMap((line) => / image inspect (\S+)$/.exec(line)?.slice(1) ?? [])
  expect(bases).toEqual([
    'debian:bookworm-slim',
    'envoy:1',
    'golang:1.26-bookworm',
    'node:24-bookworm-slim',
    'postgres:18',
  ])
})

/** Starts something that lasts, and notes its process. */
const lasts = 'sleep 600 & echo $! >"$0.lasting"; wait;;'

/** Ends it as soon as it waits for what lasts, and sees that this is gone, too. */
async function endMeanwhile({ child, ended, bin }: Awaited<ReturnType<typeof start>>) {
  const lasting = async () => Number(await readFile(path.join(bin, 'docker.lasting'), 'utf8').catch(() => ''))
  const pid = await eventually('something is under way', lasting)
  child.kill('SIGTERM')
  expect(await ended()).toEqual({ code: 1, printed: 'ended before it was through\n0 passed, 1 failed\n' })
  expect(await startOf(pid)).toBeUndefined()
}

test('one that is ended takes with it what it waits for, and removes what it made', async () => {
  const run = await start(`${isThere} 'compose up '*) ${lasts}`)
  await endMeanwhile(run)
  expectRemoved(await run.asked())
})

test('one that is ended while it looks for base images does not say that they are missing', async () => {
  await endMeanwhile(await start(`${isThere} 'image inspect '*) exit 1;; 'pull '*) ${lasts}`))
})
