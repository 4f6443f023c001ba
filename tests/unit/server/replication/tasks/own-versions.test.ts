import { describe, expect, test } from 'vitest'
import type { JournalState } from '../../../../../server/db/copies/journal-row.ts'
import { ownVersions } from '../../../../../server/replication/tasks/own-versions.ts'
import type { ObjectVersion } from '../../../../../server/storage/object-version.ts'

/** Newest first; `x` is a marker, all else an ETag. */
const versionsOf = (text: string): ObjectVersion[] =>
  [...text].map((etag, index) => ({
    key: 'k',
    versionId: `${etag}${index}`,
    isMarker: etag === 'x',
    isLatest: index === 0,
    etag: etag === 'x' ? '' : etag,
  }))

const own = (versions: string, state: JournalState, current: 'ours' | 'others' | 'none', etag: string | null = 'o') =>
  ownVersions({ versions: versionsOf(versions), state, etag, current })
    .map((version) => (version.isMarker ? 'x' : version.etag))
    .join('')

describe('of the versions of a key in a bucket that FaDO made', () => {
  test('all are its own while what is there is', () => {
    for (const state of ['there', 'refused', 'writing', 'deleting'] as const)
      expect(own('oba', state, 'ours')).toBe('oba')
  })

  test('those from its object downwards are, when others wrote above it or deleted it', () => {
    for (const state of ['there', 'writing', 'deleting'] as const) {
      expect(own('ttoa', state, 'others')).toBe('oa')
      expect(own('xtoa', state, 'none')).toBe('oa')
      expect(own('tt', state, 'others')).toBe('')
    }
    expect(own('toa', 'refused', 'others')).toBe('oa')
    expect(own('t', 'refused', 'others', null), 'nothing of it was written').toBe('')
  })

  test('of a key that FaDO deleted, its marker and all below', () => {
    expect(own('xoa', 'left', 'none')).toBe('xoa')
    expect(own('oa', 'left', 'none')).toBe('oa')
    expect(own('txoa', 'left', 'others')).toBe('xoa')
    expect(own('t', 'left', 'others')).toBe('')
  })

  test('none are, where what is there was never its own or is in the way', () => {
    for (const state of ['foreign', 'conflict', 'overwrite'] as const)
      for (const current of ['others', 'none'] as const) expect(own('xto', state, current)).toBe('')
  })
})
