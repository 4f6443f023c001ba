import { expect, test } from 'vitest'
import { changesOf, draftOf } from '../../../app/_lib/store-change.ts'
import { cluster } from './fixtures.ts'

const store = { ...cluster('hpc').storageDeployments[0], region: 'eu', skipTlsVerify: true } as Parameters<
  typeof draftOf
>[0]
const changed = (part: Partial<ReturnType<typeof draftOf>>) => changesOf(store, { ...draftOf(store), ...part })

test('what was not changed is not sent, and secrets are never shown', () => {
  expect(changed({})).toEqual({})
  expect(draftOf(store)).toMatchObject({ accessKey: '', secretKey: '', sessionToken: '', region: 'eu' })
})

test('what was changed is sent, and what was emptied is taken away where it may be', () => {
  expect(changed({ region: ' ' })).toEqual({ region: null })
  expect(changed({ endpoint: ` ${store.endpoint} ` })).toEqual({})
  expect(changed({ addressing: 'PATH', skipTlsVerify: false, caCertificates: 'pem' })).toEqual({
    addressing: 'PATH',
    skipTlsVerify: false,
    caCertificates: 'pem',
  })
  expect(changed({ secretKey: 'new', sessionToken: 'token' })).toEqual({ secretKey: 'new', sessionToken: 'token' })
})

test('topics go with events that are set up from outside, and only then', () => {
  const snsTopics = ' arn:a \n\narn:b\n'
  expect(changed({ events: 'EXTERNAL', snsTopics })).toEqual({ events: 'EXTERNAL', snsTopics: ['arn:a', 'arn:b'] })
  expect(changed({ events: 'NONE', snsTopics })).toEqual({ events: 'NONE' })
  const external = { ...store, events: { ...store.events, setting: 'EXTERNAL' as const, snsTopics: ['arn:a'] } }
  const draft = draftOf(external)
  expect(changesOf(external, draft)).toEqual({})
  expect(changesOf(external, { ...draft, events: 'AUTO' })).toEqual({ events: 'AUTO', snsTopics: [] })
})
