// How long a new object takes from the start of its PUT at the master until a replica has it, with few and with many others beside
// it: on a whole demo, events, database and all. Beside it what the same change costs who has to compare all to find it.
import { randomBytes } from 'node:crypto'
import type { DemoFile } from '../server/demo/demo-file.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../server/storage/storage-driver.ts'
import { registerFleet } from '../tests/support/churn/fleet.ts'
import { connectTo, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import { runDemo } from '../tests/support/run-demo.ts'
import { arrive } from './arrive.ts'
import { percentile, rounded } from './figures.ts'
import { type Peer, type Place, peers } from './peers.ts'
import type { Result } from './result.ts'
import { runProgram } from './run-program.ts'

const asPublished = { sizes: [1_000, 100_000], samples: 200, bytes: 4_096, beside: peers }
const bucket = 'arrival'
const [master, replica] = ['hpc', 'edge'] as const
/** A bucket that a peer keeps equal to the master. */
const mirrorOf = ({ name }: Peer) => `mirror-${name.replaceAll(/[^a-z]+/g, '-')}`

type Stand = {
  readonly fado: Fado
  readonly master: StorageDriver
  readonly replica: StorageDriver
  readonly place: (store: string, name: string) => Place
}

function standOf(demo: DemoFile): Stand {
  const storeOf = (name: string) => {
    const store = demo.stores.find((one) => one.name === name)
    if (store === undefined) throw new Error(`the demo has no store ${name}`)
    return store
  }
  const driverOf = (name: string) => createStorageDriver({ ...storeOf(name), region: 'us-east-1' })
  const place = (store: string, name: string) => ({ ...storeOf(store), bucket: name })
  return { fado: connectTo(demo), master: driverOf(master), replica: driverOf(replica), place }
}

const keyOf = (n: number) => `data/${String(n).padStart(8, '0')}`

/** Until the bucket has so many objects, on both. */
async function fill(
  { fado, master: driver, replica: copy }: Stand,
  from: number,
  to: number,
  bytes: number,
): Promise<void> {
  let next = from
  const put = async () => {
    for (let n = next++; n < to; n = next++)
      await driver.put(bucket, keyOf(n), { body: randomBytes(bytes), size: bytes })
  }
  await Promise.all(Array.from({ length: 16 }, put))
  const settled = async () =>
    (await copy.head(bucket, keyOf(to - 1))) !== null &&
    (await seenBucket(fado, bucket)).replicas.every(({ state }) => state === 'IN_SYNC')
  await until('the copy is in sync', settled, 1_800)
}

export async function arrival({ sizes, samples, bytes, beside } = asPublished): Promise<Result> {
  const demo = await runDemo('--empty')
  const stand = standOf(demo.read())
  const rows: Record<string, string | number>[] = []
  try {
    await registerFleet(stand.fado, demo.read())
    const policies = [
      { name: 'target_replica_count', value: 1 },
      { name: 'replica_locations', value: [replica] },
    ]
    await stand.fado.must('BucketCreate', { name: bucket, storageDeployment: master, policies })
    for (const peer of beside) await stand.replica.createBucket(mirrorOf(peer))
    const mirror = async (peer: Peer) => {
      const { program, args, env } = await peer.command(
        stand.place(master, bucket),
        stand.place(replica, mirrorOf(peer)),
      )
      return (await runProgram(program, args, env)).seconds * 1000
    }
    let has = 0
    for (const size of sizes) {
      await fill(stand, has, size, bytes)
      has = size
      const took: number[] = []
      for (let n = 0; n < samples; n++) took.push(await arrive(stand, { bucket, key: `new/${size}/${n}`, bytes }))
      const [p50, p95] = [percentile(took, 0.5), percentile(took, 0.95)]
      const row: Record<string, string | number> = { objects: size, 'p50 ms': rounded(p50), 'p95 ms': rounded(p95) }
      for (const peer of beside) {
        await mirror(peer)
        await stand.master.put(bucket, `new/${size}/${peer.name}`, { body: randomBytes(bytes), size: bytes })
        row[`${peer.name} takes of p50`] = rounded((await mirror(peer)) / p50)
      }
      rows.push(row)
    }
  } finally {
    await Promise.all([stand.master.close(), stand.replica.close()])
    await demo.stop()
  }
  const [first, last] = [rows[0], rows.at(-1)]
  const ratio = Number(last?.['p50 ms']) / Number(first?.['p50 ms'])
  return {
    rows,
    notes: [
      `one new object of ${bytes} bytes, ${samples} times one after the other, events and durable rows included; the last size takes ${rounded(ratio, 2)} of the first`,
      'goals: p50 at most 10 ms, p95 at most 30 ms, and at 100 000 objects at most 1.2 of that at 1 000; mc mirror 40 and 1 500 times slower',
    ],
  }
}
