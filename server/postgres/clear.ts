// What may be left of a local server: its process, where a killed FaDO left one, and its data.
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { findAccount, placeFor } from './account.ts'
import { endLeftover } from './leftover.ts'
import { giveUpOwnership, takeOwnership } from './owner.ts'

async function asOwner(wanted: string, work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await placeFor(wanted, await findAccount())
  await mkdir(path.dirname(dir), { recursive: true })
  await takeOwnership(dir)
  try {
    await work(dir)
  } finally {
    await giveUpOwnership(dir)
  }
}

/** Ends the server that was wanted at `wanted`, where it still runs; refuses while another FaDO owns it. */
export const endLocalPostgres = (wanted: string): Promise<void> => asOwner(wanted, endLeftover)

/** As `endLocalPostgres`, and removes its data. */
export const clearLocalPostgres = (wanted: string): Promise<void> =>
  asOwner(wanted, async (dir) => {
    await endLeftover(dir)
    await rm(dir, { recursive: true, force: true })
  })
