import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { loadCopiesOfKeys } from '../../../../server/db/copies/copies.ts'
import { journalDeleting, journalDeletingAll, journalWritings } from '../../../../server/db/copies/journal-announce.ts'
import { countOurs, countUntoldDeletes, sampleConflicts } from '../../../../server/db/copies/journal-counts.ts'
import { noteUndone, putJournal } from '../../../../server/db/copies/journal-edits.ts'
import { conflictKindOf, isOurs, type JournalRow, type JournalState } from '../../../../server/db/copies/journal-row.ts'
import { readJournal } from '../../../../server/db/copies/read-journal.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet } from '../../../support/world/fleet.ts'

const all = { writing: 0, there: 0, deleting: 0, refused: 0, left: 0, foreign: 0, conflict: 0, overwrite: 0 }
const states = Object.keys(all satisfies Record<JournalState, number>) as JournalState[]

test('what is ours is the same to SQL as to the code, e.g. a version that stays where the store refused the next', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const bucket = await (await world.cluster('hpc')).store.bucket('photos')
  const replica = await bucket.replica((await world.cluster('edge')).store)
  const rows = states.flatMap((state) => [null, 'e'].map((targetEtag) => ({ state, targetEtag })))
  for (const [n, row] of rows.entries()) await replica.object(`k${n}`, row)
  const ours = rows.filter(isOurs)
  expect(ours.map(({ state }) => state)).toEqual([
    ...['writing', 'writing', 'there', 'there', 'deleting', 'deleting'],
    'refused', // only where something is there
  ])
  expect(await countOurs(pool, replica.id)).toBe(ours.length)
  const keys = rows.map((_, n) => `k${n}`)
  expect(await countUntoldDeletes(pool, replica.id, [...keys, 'another'])).toBe(ours.length)
})

test('of what kind a conflict is, is the same to SQL as to the code', async () => {
  const { pool, replica } = await oneCopy()
  const rows = (['conflict', 'overwrite', 'refused'] as const).flatMap((state) =>
    [false, true].map((verified) => ({ state, verified, key: `${state} ${verified}` })),
  )
  for (const { state, verified, key } of rows)
    await replica.object(key, { state, verifiedAt: verified ? new Date() : null })
  const kinds = Map.groupBy(rows, conflictKindOf)
  expect([...kinds.keys()].toSorted()).toEqual(['changed', 'foreign', 'refused'])
  expect(await sampleConflicts(pool, replica.id)).toEqual(
    [...kinds]
      .map(([kind, of]) => ({ kind, count: of.length, keys: of.map(({ key }) => key).toSorted() }))
      .toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
  )
})

/** A bucket on hpc with a copy on edge. */
async function oneCopy() {
  const pool = await freshPool()
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const replica = await bucket.replica(edge.store)
  return { pool, edge, bucket, replica }
}

const written: JournalRow = {
  ...{ state: 'writing', sourceEtag: 'e', sourceModified: 0, carried: 'c', size: 1 },
  ...{ targetEtag: null, targetModified: null, targetCarried: null, uploadId: null, verified: false },
}

test('what is said of a key by who lost its lease meanwhile is not written', async () => {
  const { pool, replica } = await oneCopy()
  await replica.waits('k')
  const [holder, former] = [v7(), v7()]
  await pool.query('UPDATE dirty_object SET lease_owner = $1', [holder])
  const guard = { replicaId: replica.id, epoch: 1, generation: 1 }
  const version = (etag: string): JournalRow => ({
    ...{ state: 'there', sourceEtag: etag, sourceModified: 0, carried: 'c', size: 1 },
    ...{ targetEtag: etag, targetModified: 0, targetCarried: 'c', uploadId: null, verified: true },
  })
  const write = (by: string, etag: string) => journalWritings(pool, by, [{ guard, key: 'k', what: version(etag) }])
  const put = (by: string, row: JournalRow | null) =>
    putJournal(pool, by, [{ at: { replicaId: replica.id, key: 'k', epoch: 1 }, row }])
  const said = async () =>
    (await pool.query<{ said: string }>(`SELECT state || ' ' || source_etag AS said FROM replica_object`)).rows[0]?.said
  expect(await write(former, 'old')).toEqual([false])
  expect(await said()).toBeUndefined()
  expect(await write(holder, 'new')).toEqual([true])
  await put(former, version('old'))
  expect(await said()).toBe('writing new')
  await put(holder, version('new'))
  expect(await write(former, 'old')).toEqual([false])
  expect(await journalDeleting(pool, former, { guard, key: 'k', what: version('new') })).toBe(false)
  await put(former, null)
  expect(await said()).toBe('there new')
  await put(holder, null)
  expect(await said()).toBeUndefined()
})

test('nothing is said to be written to a copy that is being taken away, though it is wanted again', async () => {
  const { pool, replica } = await oneCopy()
  await replica.object('k', { state: 'there' })
  const write = { guard: { replicaId: replica.id, epoch: 1, generation: 1 }, key: 'k', what: written }
  const said = async () => [...(await journalWritings(pool, null, [write])), await journalDeleting(pool, null, write)]
  expect(await said()).toEqual([true, true])
  await pool.query(`UPDATE replica SET observed = 'deleting'`)
  expect(await said()).toEqual([false, false])
})

test('since when a write is known not to be done holds until something else is said of its key', async () => {
  const { pool, edge, bucket, replica } = await oneCopy()
  await replica.waits('k')
  const holder = v7()
  await pool.query('UPDATE dirty_object SET lease_owner = $1', [holder])
  const at = { replicaId: replica.id, key: 'k', epoch: 1 }
  const write = () => journalWritings(pool, holder, [{ guard: { ...at, generation: 1 }, key: 'k', what: written }])
  const undone = async () => {
    const ids = [{ bucketId: bucket.id, storageId: edge.store.id, key: 'k', others: false }]
    const [copy] = await loadCopiesOfKeys(pool, ids)
    return copy?.undoneSeconds
  }
  await write()
  expect(await undone()).toBeNull()
  await noteUndone(pool, v7(), at)
  expect(await undone(), 'who does not hold the key says nothing').toBeNull()
  await noteUndone(pool, holder, at)
  await pool.query(`UPDATE replica_object SET undone_since = undone_since - interval '1 min'`)
  expect(await undone()).toBeGreaterThan(59)
  await noteUndone(pool, holder, at)
  expect(await undone(), 'it is waited for anew').toBeLessThan(59)
  await write()
  expect(await undone()).toBeNull()
  await noteUndone(pool, holder, at)
  await putJournal(pool, holder, [{ at, row: { ...written, state: 'there' } }])
  expect(await undone()).toBeNull()
  await noteUndone(pool, holder, at)
  expect(await undone(), 'nothing is being written').toBeNull()
})

test('what is said of many keys is read as it was said, each thing in its place', async () => {
  const pool = await freshPool()
  const rows = fleet(pool)
  const bucket = await (await rows.cluster('hpc')).store.bucket('photos')
  const replica = await bucket.replica((await rows.cluster('edge')).store)
  const other: JournalRow = {
    ...{ state: 'refused', sourceEtag: null, sourceModified: null, carried: null, size: null },
    ...{ targetEtag: null, targetModified: null, targetCarried: null, uploadId: null, verified: false },
  }
  const full: JournalRow = {
    ...{ state: 'there', sourceEtag: 'se', sourceModified: 1_000, carried: 'sc', size: 2 },
    ...{ targetEtag: 'te', targetModified: 3_000, targetCarried: 'tc', uploadId: 'u', verified: true },
  }
  const guard = { replicaId: replica.id, epoch: 1, generation: 1 }
  const read = async () => {
    const entries = (await Array.fromAsync(readJournal(pool, replica.id, 0))).flat()
    return entries.map(({ waiting, deleteTold, older, ...row }) => row)
  }
  const writes = [
    { guard, key: 'a', what: full },
    { guard, key: 'b', what: other },
  ]
  expect(await journalWritings(pool, null, writes)).toEqual([true, true])
  const writing = { state: 'writing', verified: false }
  expect(await read()).toEqual([
    { ...full, ...writing, key: 'a' },
    { ...other, ...writing, key: 'b' },
  ])
  const at = (key: string) => ({ replicaId: replica.id, key, epoch: 1 })
  await putJournal(pool, null, [
    { at: at('a'), row: other },
    { at: at('b'), row: full },
    { at: at('c'), row: full },
  ])
  await putJournal(pool, null, [{ at: at('c'), row: null }])
  expect(await read()).toEqual([
    { ...other, key: 'a' },
    { ...full, key: 'b' },
  ])
  await journalDeletingAll(pool, { replicaId: replica.id, runId: null }, [{ key: 'a', before: full }])
  const { targetEtag, targetModified, targetCarried } = full
  expect((await read())[0]).toEqual({
    ...other,
    state: 'deleting',
    targetEtag,
    targetModified,
    targetCarried,
    key: 'a',
  })
})
