// Whose bytes a copy gets, where several stores have them: what passes a slow link is counted, and who may not lend does not.
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLinkReads } from '../../../server/services/replication/read-links.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { both, putSome, same, shown, sources, startLending } from '../../support/lending.ts'
import { minios } from '../../support/minios.ts'
import { over, slowLink } from '../../support/slow-link.ts'
import { slowly } from '../../support/slowly.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge', 'cloud')
const start = (bucket: string, near: boolean) => startLending(stores, bucket, near)

test('a replica near the new store serves it: the bytes do not pass the link of the master', async () => {
  const started = await start('near', true)
  const { fleet, bucket, id } = started
  await putSome(fleet, bucket)
  const link = await slowLink(stores.process('hpc').endpoint, 4_000_000)
  fleet.startMover({ storageFor: over(fleet, 'hpc', link) })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const before = link.carried()
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  expect(link.carried() - before).toBeLessThan(100_000)
  await same(started)
  const from = await sources(started, 'cloud')
  expect(Object.keys(from)).toHaveLength(22)
  expect(new Set(Object.values(from))).toEqual(new Set(['edge']))
  const isShown = async () => JSON.stringify(await shown(started, 'cloud')) === '{"from":"edge","why":"NEARER"}'
  await eventually('the reason is shown', isShown)
  expect(new Set(Object.values(await sources(started, 'edge')))).toEqual(new Set(['master']))
})

test('two replicas behind one slow link cost it one copy, also of what is new to both', async () => {
  const started = await start('one-copy', false)
  const { fleet, bucket, id } = started
  const link = await slowLink(stores.process('hpc').endpoint, 1_000_000)
  fleet.startMover({ storageFor: over(fleet, 'hpc', link) })
  await both(started)
  // How fast the link is shows with the first object.
  await fleet.put('hpc', bucket, 'first', randomBytes(1_000_000))
  await fleet.event(id, 'first')
  await fleet.settled(id, 'edge')
  await fleet.settled(id, 'cloud')
  const before = link.carried()
  const keys = ['a', 'b', 'c', 'd']
  for (const key of keys) await fleet.put('hpc', bucket, key, randomBytes(1_000_000))
  await fleet.event(id, ...keys)
  await eventually('the links say what they carry', async () => {
    const links = await createLinkReads(fleet.pool).links()
    const names = links.filter(({ bytesPerSecond }) => bytesPerSecond !== null).map((one) => one.fromStorageId)
    return names.includes(fleet.storeId('hpc')) && names.some((one) => one !== fleet.storeId('hpc'))
  })
  await fleet.settled(id, 'edge', 60)
  await fleet.settled(id, 'cloud', 60)
  expect(link.carried() - before).toBeLessThan(4_400_000)
  await same(started)
  await eventually('the reason is shown', async () => {
    const whys = [await shown(started, 'edge'), await shown(started, 'cloud')].map(({ why }) => why)
    return whys.includes('FASTER_LINK')
  })
})

test('bytes come from the cheapest copy that holds them, and what went over each link this month is counted', async () => {
  const started = await start('cheaper', false)
  const { fleet, bucket, id } = started
  await fleet.pool.query(
    `INSERT INTO policy_value (scope, scope_id, name, value) SELECT 'cluster', id, 'cost_per_gb', '0.09' FROM cluster WHERE name = 'hpc'`,
  )
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, randomBytes(400_000))
  const mover = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.replica(id, 'cloud')
  await fleet.settled(id, 'cloud')
  await same(started)
  expect(await sources(started, 'cloud')).toEqual({ a: 'edge', b: 'edge' })
  const isShown = async () => JSON.stringify(await shown(started, 'cloud')) === '{"from":"edge","why":"CHEAPER"}'
  await eventually('the reason is shown', isShown)
  await mover.stop()
  const links = await createLinkReads(fleet.pool).links()
  expect(links.map(({ from, to, monthBytes, costPerGb }) => ({ from, to, monthBytes, costPerGb }))).toEqual([
    { from: 'edge', to: 'cloud', monthBytes: 800_000, costPerGb: null },
    { from: 'hpc', to: 'cloud', monthBytes: 0, costPerGb: 0.09 },
    { from: 'hpc', to: 'edge', monthBytes: 800_000, costPerGb: 0.09 },
  ])
})

test('where another copy may not lend, the master does: paused link, store that is down, unwanted or released copy', async () => {
  const started = await start('forbidden', true)
  const { fleet, bucket, id } = started
  fleet.startMover()
  await both(started)
  const [hpc, edge, cloud] = ['hpc', 'edge', 'cloud'].map(fleet.storeId)
  const pause = (from: string | undefined) =>
    fleet.pool.query(`INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, 'test')`, [
      from,
      cloud,
    ])
  /** From where cloud gets the key, which edge has already, when this is so. */
  const copiedFrom = async (key: string, forbid: () => Promise<unknown>) => {
    await fleet.put('hpc', bucket, key, randomBytes(1_000))
    await pause(hpc)
    await fleet.event(id, key)
    await eventually('edge has it, and nothing else is known', async () => {
      const { rows } = await fleet.pool.query('SELECT 1 FROM dirty_object WHERE storage_id <> $1', [cloud])
      return rows.length === 0 && (await sources(started, 'edge'))[key] !== undefined
    })
    await forbid()
    await fleet.pool.query('DELETE FROM link_pause WHERE from_storage_id = $1', [hpc])
    fleet.pool.wake('object')
    await eventually('cloud has it', async () => (await fleet.store('cloud').head(bucket, key)) !== null)
    return (await sources(started, 'cloud'))[key]
  }
  expect(await copiedFrom('allowed', async () => undefined)).toBe('edge')
  expect(await copiedFrom('paused', () => pause(edge))).toBe('master')
  await fleet.pool.query('DELETE FROM link_pause')
  const health = (is: string) => fleet.pool.query('UPDATE storage_deployment SET health = $2 WHERE id = $1', [edge, is])
  expect(await copiedFrom('down', () => health('unhealthy'))).toBe('master')
  await health('healthy')
  const set = (what: string) => fleet.pool.query(`UPDATE replica SET ${what} WHERE storage_id = $1`, [edge])
  expect(await copiedFrom('released', () => set('released_at = now()'))).toBe('master')
  await set('released_at = NULL')
  const policy = `INSERT INTO policy_value (scope, scope_id, name, value) SELECT 'cluster', id, 'replication_window', $1::jsonb
    FROM cluster WHERE name = 'edge'`
  const isClosed = async () => (await fleet.pool.query('SELECT 1 FROM closed_window')).rowCount === 1
  const close = async () => {
    const far = (new Date().getUTCHours() + 12) % 24
    await fleet.pool.query(policy, [JSON.stringify(`${far}:00-${far + 1}:00`)])
    await eventually('it is closed', isClosed)
  }
  expect(await copiedFrom('closed', close)).toBe('master')
  await fleet.pool.query('DELETE FROM policy_value')
  await eventually('it is open', async () => !(await isClosed()))
  expect(await copiedFrom('again', async () => undefined)).toBe('edge')
  // What zones forbid is not wanted from the decision on.
  expect(await copiedFrom('unwanted', () => set('wanted = false'))).toBe('master')
})

test('a link that is paused while bytes come over it carries no more of them: the master gives the rest', async () => {
  const started = await start('paused-meanwhile', true)
  const { fleet, bucket, id } = started
  await fleet.put('hpc', bucket, 'large', randomBytes(4_000_000))
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', slowly) })
  await fleet.replica(id, 'cloud')
  await eventually('edge lends it', async () => (await sources(started, 'cloud'))['large'] === 'edge')
  await fleet.pool.query(`INSERT INTO link_pause (from_storage_id, to_storage_id, actor) VALUES ($1, $2, 'test')`, [
    fleet.storeId('edge'),
    fleet.storeId('cloud'),
  ])
  fleet.pool.wake('bucket')
  await fleet.settled(id, 'cloud')
  expect(await sources(started, 'cloud')).toEqual({ large: 'master' })
  expect(await fleet.differences(id, bucket, 'hpc', 'cloud')).toEqual([])
})

test('nobody waits for a copy that fails', async () => {
  const started = await start('fails', true)
  const { fleet, bucket, id } = started
  const refused = new StorageError('access-denied', 'not here')
  const puts: string[] = []
  const storageFor = withCalls(fleet, 'edge', () => ({
    async put(_bucket, key) {
      puts.push(key)
      await delay(1_000) // which takes it far longer than its pauses between two tries
      throw refused
    },
  }))
  fleet.startMover({ storageFor })
  await both(started)
  await fleet.put('hpc', bucket, 'large', randomBytes(1_000_000))
  await fleet.event(id, 'large')
  await eventually('edge failed', () => puts.length > 0)
  await eventually('cloud has it', async () => (await fleet.store('cloud').head(bucket, 'large')) !== null)
  expect(puts.length).toBeLessThanOrEqual(2)
  expect(await sources(started, 'cloud')).toEqual({ large: 'master' })
})
