// How long the comparison of a whole copy takes in which nothing differs, beside what nobody can save: both stores listing what they
// have, both at once, read by nobody.
import { s3 } from '../tests/contract/client.mjs'
import type { StoreProcess } from '../tests/support/store-process.ts'
import { percentile, rounded } from './figures.ts'
import { startMover } from './mover.ts'
import type { Result } from './result.ts'
import { fill, source, startStores } from './stores.ts'

const asPublished = { objects: 100_000, rounds: 3 }
const copy = 'copy'
const token = /<NextContinuationToken>([^<]*)</

/** Seconds. */
async function listBare(store: StoreProcess, bucket: string): Promise<number> {
  const begun = performance.now()
  const { send } = s3(store)
  for (let after = ''; ; ) {
    const from = after === '' ? {} : { 'continuation-token': after }
    const { body } = await send('GET', bucket, '', { query: { 'list-type': 2, 'encoding-type': 'url', ...from } })
    after = token.exec(body.toString('latin1'))?.[1] ?? ''
    if (after === '') return (performance.now() - begun) / 1000
  }
}

export async function reconcile({ objects, rounds } = asPublished): Promise<Result> {
  const [from, to] = await startStores()
  let fado: Awaited<ReturnType<typeof startMover>> | undefined
  try {
    await fill(from, { objects, bytes: 100, partBytes: null })
    fado = await startMover(from, to, source)
    const filled = await fado.copy(copy)
    const [bare, compared, cpu, grown] = [[], [], [], []] as [number[], number[], number[], number[]]
    for (let round = 0; round < rounds; round++) {
      bare.push(Math.max(...(await Promise.all([listBare(from, source), listBare(to, copy)]))))
      const used = await fado.compare()
      compared.push(used.seconds)
      cpu.push(used.cpu)
      grown.push(used.megabytes - filled.megabytes)
    }
    const [listing, comparison] = [percentile(bare, 0.5), percentile(compared, 0.5)]
    return {
      rows: [
        {
          objects,
          'two bare listings s': rounded(listing, 2),
          'comparison s': rounded(comparison, 2),
          'takes of the listings': rounded(comparison / listing, 2),
          'mover CPU s': rounded(percentile(cpu, 0.5), 2),
          'peak MB over that of the first copy': rounded(Math.max(...grown)),
        },
      ],
      notes: [
        `${rounds} rounds in turn, nothing differs, stores in memory, the journal of the copy read from PostgreSQL with both listings`,
        'goals: at most 1.15 of the listings, 10 MB more',
      ],
    }
  } finally {
    await fado?.stop()
    await Promise.all([from.stop(), to.stop()])
  }
}
