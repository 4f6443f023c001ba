import { type Client, CombinedError } from 'urql'
import { expect, test } from 'vitest'
import { createUploadApi } from '../../../app/_lib/uploads/upload-api.ts'
import { SendFailure } from '../../../app/_lib/uploads/ways.ts'

const refusal = (code: string) => ({ data: { result: { code, message: 'why', path: [] } } })
const failed = (code: string) => ({
  error: new CombinedError({ graphQLErrors: [{ message: 'why', extensions: { code } }] }),
})

test.each([
  ['the database is away', failed('UNAVAILABLE'), true],
  ['the store of the master does not answer', refusal('UNREACHABLE'), true],
  ['the upload is over', refusal('NOT_FOUND'), false],
  ['nobody expected it', failed('INTERNAL_SERVER_ERROR'), false],
])('a part is asked for again where that may help: %s', async (_, answer, isTriedAgain) => {
  const client = { mutation: () => ({ toPromise: async () => answer }) } as unknown as Client
  const error: unknown = await createUploadApi(client)
    .part('id', 1)
    .catch((one: unknown) => one)
  expect(error).toMatchObject({ message: 'why' })
  expect(error instanceof SendFailure && error.kind === 'retry').toBe(isTriedAgain)
})
