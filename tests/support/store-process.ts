import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import { freePort } from './free-port.ts'

export type StoreProcess = {
  readonly endpoint: string
  readonly accessKey: string
  readonly secretKey: string
  /** Of the process that runs now. */
  readonly pid: number
  /** Survives `restart`, gone after `stop`. */
  readonly dataDir: string
  /** Ends it and removes its data. */
  stop(): Promise<void>
  /** Ends it as a power cut would. Only `restart` or `stop` make sense afterwards. */
  kill9(): Promise<void>
  /** Same data, same port, another process; ends the old one first where it still runs. Resolves when it is ready. */
  restart(): Promise<void>
}

export type StoreProgram = {
  readonly name: string
  readonly command: string
  readonly args: (where: { readonly address: string; readonly dataDir: string }) => readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly accessKey: string
  readonly secretKey: string
  /** Its endpoint stands below it. */
  readonly path?: string
  readonly scheme?: 'http' | 'https'
  /** Authorities that its certificate is signed by. */
  readonly caCertificates?: string
}

const readyMs = 30_000

/** Runs an object store on a free port of the loopback with an empty directory of its own. Resolves when it is ready. */
export async function startStore(program: StoreProgram): Promise<StoreProcess> {
  const root = await mkdtemp(path.join(tmpdir(), `fado-${program.name}-`))
  const dataDir = path.join(root, 'data')
  await mkdir(dataDir)
  const address = `127.0.0.1:${await freePort()}`
  const endpoint = `${program.scheme ?? 'http'}://${address}${program.path ?? ''}`
  const { PATH = '', HOME = root } = process.env
  let child: ChildProcess

  async function launch(): Promise<void> {
    const env = { NODE_ENV: 'test', PATH, HOME, ...program.env } as const
    child = spawn(program.command, [...program.args({ address, dataDir })], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    child.stdout?.on('data', (text) => output.push(String(text)))
    child.stderr?.on('data', (text) => output.push(String(text)))
    const failed = once(child, 'exit').then(() => {
      throw new Error(`${program.name} ended before it was ready:\n${output.join('')}`)
    })
    await Promise.race([untilReady(endpoint, program), failed])
    failed.catch(() => undefined) // later it may end
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async function stop(): Promise<void> {
    await end('SIGTERM')
    await rm(root, { recursive: true, force: true })
  }

  try {
    await launch()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    endpoint,
    accessKey: program.accessKey,
    secretKey: program.secretKey,
    dataDir,
    get pid() {
      return child.pid ?? 0
    },
    stop,
    kill9: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await launch()
    },
  }
}

/** MinIO's own health page says yes before it takes calls: only a call that succeeds shows that calls succeed. */
async function untilReady(endpoint: string, program: StoreProgram): Promise<void> {
  const { accessKey, secretKey, caCertificates = null } = program
  const driver = createStorageDriver({ endpoint, accessKey, secretKey, caCertificates })
  const isReady = () =>
    driver.listBuckets().then(
      () => true,
      () => false,
    )
  try {
    for (const end = performance.now() + readyMs; performance.now() < end; await delay(20)) {
      if (await isReady()) return
    }
  } finally {
    await driver.close()
  }
  throw new Error(`${endpoint} is not ready after ${readyMs} ms`)
}
