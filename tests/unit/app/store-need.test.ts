import { expect, test } from 'vitest'
import { storeNeed } from '../../../app/_lib/store-need.ts'
import { cluster } from './fixtures.ts'

const empty = (name: string) => ({ ...cluster(name), storageDeployments: [] })

test('a bucket needs a store: what is lacking is said with the way to it', () => {
  expect(storeNeed([])).toMatchObject({ why: 'There is no cluster yet.', href: '/clusters?add=1' })
  expect(storeNeed([empty('hpc')])).toEqual({
    why: 'The cluster hpc has no store yet.',
    act: 'Add a store first',
    href: '/clusters/hpc?add-store=1',
  })
  expect(storeNeed([empty('hpc'), empty('edge')])).toMatchObject({
    why: 'No cluster has a store yet.',
    href: '/clusters',
  })
  expect(storeNeed([empty('hpc'), cluster('edge')])).toBeNull()
})
