// What is there already, from the command line: seen, adopted with its copy, let go.
import { expect, onTestFinished, test } from 'vitest'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { runFado } from '../../support/commands.ts'
import { startMinio } from '../../support/minio.ts'
import { rawClient } from '../../support/raw-store.ts'
import { registerStore } from '../../support/register.ts'
import { startTestWeb } from '../../support/web.ts'

test('fado store buckets, fado bucket adopt and fado bucket release say what is there, what was done, and what is refused', async () => {
  const [web, hpc, edge] = await Promise.all([startTestWeb(), startMinio(), startMinio()])
  const drivers = [hpc, edge].map((store) => createStorageDriver({ ...store, region: 'us-east-1' }))
  onTestFinished(async () => {
    for (const driver of drivers) await driver.close()
    await Promise.all([web.stop(), hpc.stop(), edge.stop()])
  })
  async function fado(...args: string[]): Promise<string> {
    const { code, text } = await runFado(web, args)
    return `${text} [${code}]`
  }
  await registerStore(web, 'hpc', hpc)
  await registerStore(web, 'edge', edge)
  for (const driver of drivers) await driver.createBucket('photos')
  await drivers[0]?.put('photos', 'k', { body: Buffer.from('hello'), size: 5 })
  await rawClient(hpc).setVersioning('photos', 'Enabled')

  const [titles, line] = (await fado('store', 'buckets', 'hpc')).split('\n')
  expect(titles).toMatch(/^BUCKET +MADE +OBJECTS +SIZE +A REPLICA WOULD LACK$/)
  expect(line).toMatch(/^photos +20\S+ +1 +5 B +It keeps old versions: replicas get the current ones only \[0\]$/)
  expect(await fado('store', 'buckets', 'nowhere')).toBe('fado: There is no storage deployment nowhere (NOT_FOUND) [3]')

  expect(await fado('bucket', 'adopt', 'photos', '--store', 'hpc', '--also-on', 'nowhere')).toBe(
    'fado: There is no storage deployment nowhere (NOT_FOUND) [3]',
  )
  expect(
    await fado('bucket', 'adopt', 'photos', '--store', 'hpc', '--also-on', 'edge', '--policy', 'drain_delay=0'),
  ).toBe('Adopted photos on hpc. What equals it on edge is taken over. npx fado get replicas shows how it goes. [0]')
  expect((await fado('store', 'buckets', 'hpc')).split('\n')).toHaveLength(1)
  // Nobody decides here: there is no replica yet.
  expect(await fado('bucket', 'release', 'photos', '--store', 'edge')).toBe(
    'fado: There is no replica of photos on edge (NOT_FOUND) [3]',
  )
  await web.pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch, observed)
     SELECT gen_random_uuid(), b.id, s.id, 'photos', true, 1, 1, 'complete' FROM bucket b, storage_deployment s WHERE s.name = 'edge'`,
  )
  expect(await fado('bucket', 'release', 'photos', '--store', 'edge')).toBe(
    'Releasing photos on edge: its data stays, and FaDO forgets it when every proxy has agreed. [0]',
  )
  expect(await fado('bucket', 'rm', 'photos')).toContain('fado bucket adopt takes that bucket back')
})
