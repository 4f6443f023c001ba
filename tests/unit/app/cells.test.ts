import { describe, expect, test } from 'vitest'
import { allows, cellOf, cellWords, shareDone } from '../../../app/_lib/cells.ts'
import type { ReasonPartsFragment } from '../../../graphql/generated/operations.ts'
import { bucket, cluster, progress, reason, replica, route, zones } from './fixtures.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('a cell of the matrix', () => {
  test('the master', () => {
    expect(cellOf(bucket(), cluster('hpc'))).toMatchObject({ glyph: 'master', tone: 'strong' })
  })
  test('a master outside the zones is told apart, in red', () => {
    const policies = zones('mars')
    expect(cellOf(bucket({ policies }), cluster('hpc', { zones: ['germany'] }))).toMatchObject({
      glyph: 'master',
      tone: 'bad',
      word: 'master where it may not be',
    })
  })
  test('a stopped master is no black square, whatever else is so', () => {
    const reasons = [reason('MASTER_REPLACED', 'Master bucket replaced')]
    const stopped = bucket({ placement: { condition: 'DEGRADED', reasons } })
    for (const hpc of [cluster('hpc'), cluster('hpc', { store: 'UNHEALTHY' })]) {
      const cell = cellOf(stopped, hpc)
      expect(cell).toMatchObject({ glyph: 'master-stopped', tone: 'bad' })
      expect(cellWords(cell, 'hpc')).toBe('hpc: its master bucket is another one')
    }
  })
  test('the master of a store that is down is red only where nothing serves', () => {
    const down = cluster('hpc', { store: 'UNHEALTHY' })
    expect(cellOf(bucket({ route: route(['edge']) }), down)).toMatchObject({ glyph: 'master-lost', tone: 'strong' })
    expect(cellOf(bucket({ route: route([], 'UNROUTABLE') }), down)).toMatchObject({ tone: 'bad' })
  })
  test.each([
    ['IN_SYNC', 'sync', 'plain'],
    ['LAGGING', 'lag', 'warn'],
    ['PENDING', 'pending', 'accent'],
    ['CREATING', 'pending', 'accent'],
    ['SYNCING', 'pending', 'accent'],
    ['FAILED', 'fail', 'bad'],
    ['WITHDRAWING', 'leave', 'plain'],
    ['DELETING', 'leave', 'plain'],
  ] as const)('a replica %s has the glyph %s', (state, glyph, tone) => {
    const row = bucket({ replicas: [replica('edge', { state })] })
    expect(cellOf(row, cluster('edge'))).toMatchObject({ glyph, tone })
  })
  test('a first copy fills its ring by bytes, and by objects where all are empty', () => {
    const copy = replica('edge', { state: 'SYNCING', progress: progress(1, 2) })
    expect(cellOf(bucket({ replicas: [copy] }), cluster('edge'))).toMatchObject({ glyph: 'ring', share: 0.5 })
    expect(shareDone(replica('edge', { progress: progress(0, 0) }))).toBe(0.25)
    const compared = { ...progress(2, 2), phase: 'comparing' }
    expect(shareDone(replica('edge', { progress: compared })), 'of what is compared no bytes are copied').toBe(0.25)
  })
  test('what is moving on a store that is down is not hidden by it, what is settled is', () => {
    const down = cluster('edge', { store: 'UNHEALTHY' })
    const cell = (state: 'IN_SYNC' | 'FAILED') => cellOf(bucket({ replicas: [replica('edge', { state })] }), down)
    expect(cell('IN_SYNC')).toMatchObject({ glyph: 'sync-lost' })
    expect(cell('FAILED')).toMatchObject({ glyph: 'fail' })
  })
  test('a place outside the zones is marked, a place that is merely not needed is empty', () => {
    const row = bucket({ policies: zones('germany') })
    expect(cellOf(row, cluster('cloud', { zones: ['ireland'] }))).toMatchObject({ glyph: 'forbid' })
    expect(cellOf(row, cluster('edge', { zones: ['eu', 'germany'] }))).toBeNull()
  })
  test('a copy that must be kept where the zones forbid it is red, one that is on its way out is not', () => {
    const cell = (...causes: ReasonPartsFragment[]) => {
      const replicas = [replica('cloud', { state: 'WITHDRAWING', serving: false, causes })]
      return cellOf(bucket({ policies: zones('germany'), replicas }), cluster('cloud', { zones: ['ireland'] }))
    }
    expect(cell()).toMatchObject({ glyph: 'leave' })
    expect(cell(reason('LAST_COPY', 'it may be the last whole copy'))).toMatchObject({ glyph: 'stray', tone: 'bad' })
  })
  test('of a bucket that is being deleted nothing is a master any more, and no place is forbidden', () => {
    const reasons = [{ code: 'DELETING', message: 'The bucket photos is being deleted', store: null, since: null }]
    const row = bucket({ policies: zones('germany'), placement: { condition: 'PLACED', reasons } })
    expect(cellOf(row, cluster('hpc'))).toMatchObject({ glyph: 'leave', word: 'being removed' })
    expect(cellOf(row, cluster('cloud', { zones: ['ireland'] }))).toBeNull()
  })
  test('no zones allow every cluster', () => {
    expect(allows(bucket({ policies: zones() }), cluster('cloud'))).toBe(true)
  })
  test('each cell has its words, for who does not see the glyph', () => {
    const lag = { objects: 2, bytes: 1, oldestSince: null, oldestSeconds: 3, heldDeletes: 0 }
    const words = (change: Parameters<typeof replica>[1]) =>
      plain(cellWords(cellOf(bucket({ replicas: [replica('edge', change)] }), cluster('edge')), 'edge'))
    expect(words({ state: 'LAGGING', lag })).toBe('edge: 3 s behind')
    expect(words({ state: 'LAGGING', causes: [reason('DELETES_BRAKED', 'held')] })).toBe('edge: held')
    expect(words({ state: 'SYNCING', progress: progress(3, 4) })).toBe('edge: 75 % done')
    expect(words({})).toBe('edge: in sync')
    expect(cellWords(null, 'edge')).toBe('edge: no copy')
  })
})
