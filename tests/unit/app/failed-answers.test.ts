// An answer that failed says nothing of what is there: a bucket whose objects cannot be listed is still a bucket.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createConsoleClient } from '../../../app/_lib/client.ts'
import { ObjectPageDocument } from '../../../graphql/generated/operations.ts'

const network = { online: () => true, addEventListener: () => undefined, removeEventListener: () => undefined }

let isDead = false
let cut = 0
beforeEach(() => {
  isDead = false
  cut = 0
})

type Asked = { readonly variables: { readonly prefix?: string } }

/** A FaDO whose answers are made by `answer`. */
async function serve(answer: (asked: Asked) => unknown) {
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request)) as Asked
    if (isDead) {
      cut++
      return void request.socket.destroy()
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(asked)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { client, dispose, refetchAll } = createConsoleClient({ origin, network, onSignedOut: () => undefined })
  onTestFinished(dispose)
  return Object.assign(client, { refetchAll })
}

const listed = {
  data: {
    bucket: {
      __typename: 'Bucket',
      id: 'b',
      objects: {
        __typename: 'StoredObjectConnection',
        totalCount: 0,
        pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
        nodes: [],
      },
    },
  },
}
/** What GraphQL answers when a field that may not be null fails: the next that may be is null, the error names the field. */
const failed = {
  data: { bucket: null },
  errors: [{ message: 'The store does not answer.', path: ['bucket', 'objects'] }],
}

test('a bucket on screen stays while another question about it fails', async () => {
  const client = await serve(({ variables }) => (variables.prefix === 'slow/' ? failed : listed))
  const seen: unknown[] = []
  const { unsubscribe } = client
    .query(ObjectPageDocument, { name: 'photos' })
    .subscribe(({ data }) => seen.push(data?.bucket?.id))
  onTestFinished(unsubscribe)
  await expect.poll(() => seen).toEqual(['b'])
  const other = await client.query(ObjectPageDocument, { name: 'photos', prefix: 'slow/' }).toPromise()
  expect(other.error?.message).toContain('The store does not answer.')
  expect(other.data).toBeUndefined()
  const again = await client.query(ObjectPageDocument, { name: 'photos' }, { requestPolicy: 'cache-only' }).toPromise()
  expect(again.data?.bucket?.id).toBe('b')
  expect(new Set(seen)).toEqual(new Set(['b']))
})

test('what is shown stays while FaDO gives no answer, and is asked again until it does', async () => {
  let asked = 0
  const client = await serve(() => {
    asked++
    return listed
  })
  const seen: unknown[] = []
  const { unsubscribe } = client
    .query(ObjectPageDocument, { name: 'photos' })
    .subscribe(({ data, error }) => seen.push(error?.message ?? data?.bucket?.id))
  onTestFinished(unsubscribe)
  await expect.poll(() => seen).toEqual(['b'])
  isDead = true
  client.refetchAll()
  await expect.poll(() => cut).toBeGreaterThan(0)
  isDead = false
  const before = asked
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(before)
  expect(new Set(seen)).toEqual(new Set(['b']))
})
