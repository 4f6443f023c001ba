// Forgets a local server: its process, where a killed FaDO left one, and all its data.
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { findAccount, placeFor } from './account.ts'
import { endLeftover } from './leftover.ts'
import { giveUpOwnership, takeOwnership } from './owner.ts'

/** Removes the data directory of the server that was wanted at `wanted`; refuses while another FaDO runs it. */
export async function clearLocalPostgres(wanted: string): Promise<void> {
  const dir = await placeFor(wanted, await findAccount())
  await mkdir(path.dirname(dir), { recursive: true })
  await takeOwnership(dir)
  try {
    await endLeftover(dir)
    await rm(dir, { recursive: true, force: true })
  } finally {
    await giveUpOwnership(dir)
  }
}
