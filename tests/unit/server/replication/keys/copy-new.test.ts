import { expect, test } from 'vitest'
import { seenOf } from '../../../../../server/replication/keys/carried.ts'
import { type NewObject, sendNew } from '../../../../../server/replication/keys/copy-new.ts'
import type { Scene } from '../../../../../server/replication/keys/key-scene.ts'
import type { KeyRun } from '../../../../../server/replication/keys/key-work.ts'
import type { ObjectHead } from '../../../../../server/storage/storage-values.ts'

const head: ObjectHead = {
  key: 'a',
  size: 1,
  etag: '0cc175b9c0f1b6a831c399e269772661',
  etagIsDigest: true,
  lastModified: 1_000,
  metadata: {},
  tagCount: 0,
  partCount: null,
  serverDate: 1_000,
}
const object: NewObject = { head, version: seenOf(head, []), bytes: Buffer.from('a'), from: null }

/** What the journal is told of an object whose write is answered so. */
async function rowAfter({ etag = head.etag, serverDate = 2_000 as number | null, holds = true } = {}) {
  let isHeld = true
  const driver = {
    async put() {
      isHeld = holds
      return { etag, serverDate }
    },
  }
  const scene = { target: { driver, bucket: 'b' }, at: { key: 'a' } } as unknown as Scene
  const run = { writing: false, signal: new AbortController().signal, holds: () => isHeld } as unknown as KeyRun
  const { row } = await sendNew(run, scene, object)
  return row
}

test('an answer that shows these bytes, and when they were written, is enough', async () => {
  expect(await rowAfter()).toMatchObject({ state: 'there', targetEtag: head.etag, targetModified: 2_000 })
})

test.for([
  ['shows other bytes', { etag: 'other' }],
  ['does not tell when they were written', { serverDate: null }],
  ['came when the lease was over', { holds: false }],
] as const)('one that %s is not', async ([, answer]) => {
  expect(await rowAfter(answer)).toBeNull()
})
