// The file next to a data directory that says which FaDO runs it. PostgreSQL's own lock keeps two servers from one
// directory; this one tells a server whose FaDO was killed (ours to end) from one that is in use.
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { FadoError } from '../domain/errors.ts'
import { startOf } from '../process-table.ts'

type Owner = { readonly pid: number; readonly started: string }

const parse = (text: string): Owner | undefined => {
  const [pid, started] = text.trim().split('\n')
  return pid && started ? { pid: Number(pid), started } : undefined
}

const readOwner = (file: string) =>
  readFile(file, 'utf8').then(parse, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

const alive = async (owner: Owner) => (await startOf(owner.pid)) === owner.started

const ownerFile = (dir: string) => `${dir}.owner`

/** Takes the directory, or refuses with the process that has it; says whether it was this process's already. */
export async function takeOwnership(dir: string): Promise<'new' | 'mine'> {
  const file = ownerFile(dir)
  const mine = `${file}.${process.pid}`
  await writeFile(mine, `${process.pid}\n${await startOf(process.pid)}\n`, { mode: 0o600 })
  try {
    // A dead owner's file goes out of the way once per round; several rounds only when others do the same right now.
    for (let round = 0; round < 5; round += 1) {
      const taken = await link(mine, file).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (taken) return 'new'
      const owner = await readOwner(file)
      if (owner?.pid === process.pid && (await alive(owner))) return 'mine'
      if (owner !== undefined && (await alive(owner))) {
        throw new FadoError(
          'IN_USE',
          `Process ${owner.pid} runs a FaDO on ${dir}: stop it, or set FADO_STATE_DIR to another directory`,
        )
      }
      await rename(file, `${mine}.old`).catch(() => undefined)
    }
    throw new FadoError('IN_USE', `The file ${file} could not be written: remove it and start again`)
  } finally {
    await rm(mine, { force: true })
    await rm(`${mine}.old`, { force: true })
  }
}

export async function giveUpOwnership(dir: string): Promise<void> {
  const owner = await readOwner(ownerFile(dir)).catch(() => undefined)
  if (owner?.pid === process.pid) await rm(ownerFile(dir), { force: true })
}
