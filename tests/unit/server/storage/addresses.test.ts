import { expect, test } from 'vitest'
import type { Addressing } from '../../../../server/domain/fleet/store-access.ts'
import { createAddresses, createRegions } from '../../../../server/storage/addresses.ts'

function addressOf(endpoint: string, style: Addressing, bucket: string, named?: string) {
  const url = new URL(endpoint)
  const regions = createRegions(url, null)
  if (named !== undefined) regions.learn(bucket, named)
  const { origin, prefix, path, region } = createAddresses(url, style, regions).of(bucket, 'a/b c')
  return `${region} ${origin}${prefix}${path}`
}

test.for([
  ['auto', 'http://10.0.0.5:9000', 'photos', 'us-east-1 http://10.0.0.5:9000/photos/a/b%20c'],
  [
    'path',
    'https://s3.eu-central-1.amazonaws.com',
    'photos',
    'eu-central-1 https://s3.eu-central-1.amazonaws.com/photos/a/b%20c',
  ],
  [
    'auto',
    'https://s3.eu-central-1.amazonaws.com',
    'photos',
    'eu-central-1 https://photos.s3.eu-central-1.amazonaws.com/a/b%20c',
  ],
  ['auto', 'https://s3.amazonaws.com', 'photos', 'us-east-1 https://photos.s3.amazonaws.com/a/b%20c'],
  [
    'virtual-hosted',
    'https://store.example:8443/s3/',
    'photos',
    'us-east-1 https://photos.store.example:8443/s3/a/b%20c',
  ],
  ['virtual-hosted', 'https://store.example', 'my.photos', 'us-east-1 https://store.example/my.photos/a/b%20c'],
  ['virtual-hosted', 'http://store.example', 'my.photos', 'us-east-1 http://my.photos.store.example/a/b%20c'],
  ['virtual-hosted', 'http://store.example', 'Old_Name', 'us-east-1 http://store.example/Old_Name/a/b%20c'],
] as const)('%s at %s with the bucket %s is %s', ([style, endpoint, bucket, address]) => {
  expect(addressOf(endpoint, style, bucket)).toBe(address)
})

test('the address of a bucket alone, and of the store', () => {
  const url = new URL('http://store.example/s3')
  const { of } = createAddresses(url, 'virtual-hosted', createRegions(url, 'eu'))
  expect(of('photos', null)).toEqual({
    origin: 'http://photos.store.example',
    host: 'photos.store.example',
    prefix: '/s3',
    path: '/',
    region: 'eu',
  })
  expect(of(null, null)).toEqual({
    origin: 'http://store.example',
    host: 'store.example',
    prefix: '/s3',
    path: '/',
    region: 'eu',
  })
})

test.for([
  ['https://s3.amazonaws.com', 'eu-west-3 https://photos.s3.eu-west-3.amazonaws.com/a/b%20c'],
  ['https://s3.us-east-2.amazonaws.com', 'eu-west-3 https://photos.s3.eu-west-3.amazonaws.com/a/b%20c'],
  [
    'https://s3.dualstack.us-east-2.amazonaws.com',
    'eu-west-3 https://photos.s3.dualstack.eu-west-3.amazonaws.com/a/b%20c',
  ],
  ['https://s3.cn-north-1.amazonaws.com.cn', 'eu-west-3 https://photos.s3.eu-west-3.amazonaws.com.cn/a/b%20c'],
  ['https://s3.amazonaws.com.evil.example', 'eu-west-3 https://s3.amazonaws.com.evil.example/photos/a/b%20c'],
  ['https://store.example', 'eu-west-3 https://store.example/photos/a/b%20c'],
] as const)('a bucket of %s in another region is asked for there: %s', ([endpoint, address]) => {
  expect(addressOf(endpoint, 'auto', 'photos', 'eu-west-3')).toBe(address)
})

test('a store outside AWS has one region', () => {
  const regions = createRegions(new URL('https://store.example'), 'eu-west-1')
  expect(regions.learn('photos', 'eu-west-3')).toBe(true)
  expect([regions.of('photos'), regions.home()]).toEqual(['eu-west-3', 'eu-west-3'])
})

test('a region is learnt once, and only what can be one', () => {
  const regions = createRegions(new URL('https://s3.amazonaws.com'), null)
  expect(regions.learn('photos', 'eu-west-3')).toBe(true)
  expect(regions.learn('photos', 'eu-west-3')).toBe(false)
  expect(regions.learn('photos', 'eu/../west')).toBe(false)
  expect([regions.of('photos'), regions.of('others'), regions.of(null)]).toEqual([
    'eu-west-3',
    'us-east-1',
    'us-east-1',
  ])
  expect(regions.learn(null, 'eu-west-1')).toBe(true)
  expect([regions.of('photos'), regions.of('others'), regions.home()]).toEqual(['eu-west-3', 'eu-west-1', 'eu-west-1'])
})
