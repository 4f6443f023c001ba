// The largest objects that one request may carry. Only the soak has the time and the room.
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { minios } from '../support/minios.ts'

const stores = minios('hpc', 'edge')
const mib = 2 ** 20
const size = Number(process.env['FADO_SOAK_MIB'] ?? 5 * 1024) * mib
const mostRssMb = 400

/** Zeros without end in memory. */
function zeros(bytes: number): Readable {
  const chunk = Buffer.alloc(mib)
  return Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left)
    })(),
    { objectMode: false },
  )
}

/** Kilobytes of memory that this process ever had, as Linux counts them; null elsewhere. */
async function peakRssMb(): Promise<number | null> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const kb = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
  return kb === undefined ? null : Number(kb) / 1024
}

test('an object of 5 GB comes in one piece, and one in parts in its parts, in little memory', async () => {
  const fleet = await stores.fleet()
  const bucket = 'large'
  const id = await fleet.bucket(bucket, 'hpc')
  const hpc = fleet.store('hpc')
  await hpc.put(bucket, 'whole', { body: zeros(size), size })
  const uploadId = await hpc.createUpload(bucket, 'parts')
  const parts = []
  for (const partNumber of [1, 2, 3]) {
    const part = { uploadId, partNumber, body: zeros(Math.ceil(size / 8)), size: Math.ceil(size / 8) }
    parts.push({ partNumber, etag: (await hpc.uploadPart(bucket, 'parts', part)).etag })
  }
  await hpc.completeUpload(bucket, 'parts', { uploadId, parts })
  fleet.startMover({ times: { lease: 9_000, heartbeat: 2_500, leaseMargin: 2_000 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge', 3_000)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await eventually('nothing is wrong', async () => (await fleet.causes(id, 'edge')).length === 0)
  const peak = await peakRssMb()
  if (peak !== null) expect(peak).toBeLessThan(mostRssMb)
}, 3_600_000)
