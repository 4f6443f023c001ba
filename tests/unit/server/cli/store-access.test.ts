import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { accessInput, readStoreSecrets } from '../../../../server/cli/store-access.ts'
import { tempDir } from '../../../support/temp-dir.ts'

test('what is not given is left out, and none takes away', async () => {
  expect(await accessInput({})).toEqual({})
  expect(await accessInput({ region: 'none', publicEndpoint: 'none', caFile: 'none', skipTlsVerify: false })).toEqual({
    region: null,
    publicEndpoint: null,
    caCertificates: null,
    skipTlsVerify: false,
  })
})

test('authorities are read from their file, and one that cannot be read is named', async () => {
  const file = path.join(await tempDir(), 'ca.pem')
  await expect(accessInput({ caFile: file })).rejects.toMatchObject({ message: expect.stringContaining(file) })
  await writeFile(file, 'pem')
  expect(await accessInput({ caFile: file, addressing: 'virtual-hosted' })).toEqual({
    caCertificates: 'pem',
    addressing: 'VIRTUAL_HOSTED',
  })
})

test('secrets come from the environment where they are there', async () => {
  const secrets = (secret: string, sessionToken?: string) =>
    readStoreSecrets({ storeSecrets: { secret, sessionToken } })
  expect(await secrets('key')).toEqual({ secretKey: 'key' })
  expect(await secrets('key', 'token')).toEqual({ secretKey: 'key', sessionToken: 'token' })
})
