// npm run test:compose: plays what the head of docker-compose.yml tells a new user, in a project of its own on free ports,
// and removes it again. Where no engine or no base image is to be had it says so and counts as skipped.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../tests/support/free-port.ts'
import { headSteps, onPorts, publishedPorts } from './compose/head-steps.ts'
import { missing } from './compose/missing.ts'
import { runCommand } from './compose/run-command.ts'

process.chdir(path.resolve(import.meta.dirname, '..'))
const longestMs = 40 * 60_000
/** From an object's upload until both clusters of its zone serve it. */
const servedMs = 60_000

const composeFile = readFileSync('docker-compose.yml', 'utf8')
const steps = headSteps(composeFile)
const usual = publishedPorts(composeFile)
const moved: Record<string, string> = {}
for (const variable of usual.keys()) moved[variable] = String(await freePort())
const project = `fado-test-${randomBytes(4).toString('hex')}`
const unset = { FADO_TOKEN: '', FADO_SECRET_KEY: '', FADO_PUBLIC_URL: '', FADO_INGRESS_URL: '' }
const env = { ...moved, ...unset, COMPOSE_PROJECT_NAME: project }

const stop = new AbortController()
const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(longestMs)])
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stop.abort(new Error('ended before it was through')))

const run = (line: string) => runCommand(line, { env, signal })
const typed = (line: string) => onPorts(line, usual, moved)
const tell = (from: number, what: string) =>
  console.log(`${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${what}`)

/** Types a line of the head. */
async function play(line: string): Promise<string> {
  const from = performance.now()
  const printed = await run(typed(line))
  tell(from, typed(line))
  return printed
}

function expected(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`)
}

/** Calls until both clusters of the bucket's zone have answered. */
async function callUntilServed(digest: string): Promise<void> {
  const from = performance.now()
  const answers: string[] = []
  const isServed = (answer: string) => !/^\d/.test(answer)
  while (!(answers.includes('hpc') && answers.includes('edge'))) {
    const answer = await run(`${typed(steps.call)} --silent --max-time 10`)
    const status = /^HTTP\/\S+ (\d+)/.exec(answer)?.[1] ?? '000'
    const cluster = /^x-fado-served-by: *(\S+)/im.exec(answer)?.[1]
    const by = status === '200' && cluster !== undefined ? cluster : status
    expected(`no call fails once one was served: ${answer}`, isServed(by) || !answers.some(isServed))
    expected(`nobody outside the zone serves: ${answer}`, by !== 'cloud')
    expected(`what is served is what was uploaded: ${answer}`, !isServed(by) || answer.includes(digest))
    answers.push(by)
    expected(`hpc and edge serve within a minute: ${answers.join(' ')}`, performance.now() - from < servedMs)
    await delay(200, undefined, { signal })
  }
  tell(from, `until hpc and edge had served: ${answers.join(' ')}`)
}

type Token = { readonly name: string; readonly role: string }

/** All tokens, by name and role. */
async function tokens(): Promise<string> {
  const listed = JSON.parse(await run('docker compose exec -T fado fado get tokens -o json')) as readonly Token[]
  const texts = listed.map(({ name, role }) => `${name} ${role}`)
  return texts.sort().join(', ')
}

async function playAll(): Promise<void> {
  await play(steps.start)
  console.log(
    (await run(`docker image ls --format '{{.Repository}} {{.Size}}' --filter reference='${project}*'`)).trim(),
  )
  const adminToken = (await play(steps.token)).trim()
  for (const name of ['hpc', 'edge', 'cloud'])
    for (const line of steps.cluster)
      await play(line.replaceAll('hpc', name).replace('germany', name === 'cloud' ? 'ireland' : 'germany'))
  for (const line of steps.bucket) await play(line)
  const digest = createHash('sha256').update(readFileSync('package.json')).digest('hex')
  await callUntilServed(digest)
  const held = await run('docker compose exec -T envoy cat /start/envoy.json')
  const heldByStore = await run('docker compose exec -T hpc-store cat /start/minio.env')
  expected("Envoy and stores do not hold the administrator's token", !`${held}${heldByStore}`.includes(adminToken))
  await play(steps.start)
  const three = 'admin ADMIN, compose-envoy PROXY, compose-stores NOTIFY'
  expected(`after a second start there still are three tokens: ${await tokens()}`, (await tokens()) === three)
  await callUntilServed(digest)
}

/** What this run made; base images and the engine's cache of builds stay. */
async function remove(): Promise<void> {
  await runCommand('docker compose down --volumes --remove-orphans --timeout 5', { env })
  await runCommand(`docker image rm --force ${project} ${project}-minio`, { env })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** With what the services say, unless someone ended it. */
async function whatHappened(error: unknown): Promise<string> {
  if (stop.signal.aborted) return messageOf(stop.signal.reason)
  const why = messageOf(error)
  const logs = await runCommand('docker compose ps --all; docker compose logs --tail 20', { env }).catch(String)
  return `${logs}\n${why}`
}

async function main(): Promise<string> {
  const lack = await missing({ run, signal, dockerfile: readFileSync('Dockerfile', 'utf8'), project })
  if (lack !== undefined) return `docker-compose.yml was not played: ${lack}.\n0 passed, 0 failed, 1 skipped`
  try {
    await playAll()
    return '1 passed, 0 failed'
  } catch (error) {
    throw new Error(await whatHappened(error))
  } finally {
    await remove()
  }
}

try {
  console.log(await main())
} catch (error) {
  console.log(`${messageOf(error)}\n0 passed, 1 failed`)
  process.exitCode = 1
}
