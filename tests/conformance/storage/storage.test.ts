// One suite over all stores: what a driver promises, it promises on each.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeCapabilities } from '../../../server/domain/fleet/store-capability.ts'
import { isTried } from '../../support/other-stores.ts'
import { describeBuckets } from './buckets.ts'
import { describeConditions } from './conditions.ts'
import { describeCopies } from './copies.ts'
import { describeExisting } from './existing.ts'
import { describeListing } from './listing.ts'
import { describeMetadata } from './metadata.ts'
import { describeMultipart } from './multipart.ts'
import { describeMinioNotifications, describeNotifications } from './notifications.ts'
import { describeObjects } from './objects.ts'
import { describePresigned } from './presigned.ts'
import { describeProbing } from './probing.ts'
import { type StoreUnderTest, type Suite, useStore } from './store-under-test.ts'
import { type KnownStore, stores } from './stores.ts'
import { describeVersions } from './versions.ts'
import { describeWatching } from './watching.ts'

const parts: readonly ((suite: Suite) => void)[] = [
  ...[describeBuckets, describeObjects, describeMetadata, describeConditions, describeMultipart, describeVersions],
  ...[
    describeListing,
    describeExisting,
    describePresigned,
    describeProbing,
    describeNotifications,
    describeCopies,
    describeWatching,
  ],
]

/** moto takes a few dozen requests a second where the machine has other work. */
const timeoutMs = 150_000

const byTest = (gaps: KnownStore['gaps']) =>
  new Map(Object.entries(gaps).flatMap(([reason, names]) => names.map((one) => [one, reason] as const)))

function describeStore({ name, start, lacks, gaps, unsteady = {} }: KnownStore): void {
  const [reasons, leftOut] = [byTest(gaps), byTest(unsteady)]
  const met = new Set<string>()
  const withGaps: Suite['test'] = (title, run) => {
    const reason = reasons.get(title)
    met.add(title)
    // A skipped test counts as failed; of this one neither outcome tells anything.
    if (leftOut.has(title)) console.info(`storage conformance: ${name}, left out: ${title} [${leftOut.get(title)}]`)
    else if (reason === undefined) test(title, run, timeoutMs)
    else test.fails(`${title} [not here: ${reason}]`, run, timeoutMs)
  }
  describe(name, () => {
    let shared: StoreUnderTest
    beforeAll(async () => {
      shared = useStore(await start())
    })
    afterAll(async () => {
      await shared.driver.close()
      await shared.store.stop()
    })
    for (const describePart of parts) describePart({ get: () => shared, test: withGaps, lacks })
    test('each known gap is that of a test', () => {
      expect([...reasons.keys(), ...leftOut.keys()].filter((title) => !met.has(title))).toEqual([])
    })
  })
}

const isHere = ({ tool }: KnownStore) => isTried(tool)
const missing = stores.filter((store) => !isHere(store)).map(({ name }) => name)
if (missing.length > 0)
  console.info(`storage conformance: without ${missing.join(' and ')}, which npm run test:soak makes and tries`)
for (const store of stores.filter(isHere)) describeStore(store)
describe('MinIO with webhook targets', () => describeMinioNotifications())

test('docs/storage.md shows what each store can do', async () => {
  const header = ['capability', ...stores.map(({ name }) => name)]
  const rows = storeCapabilities.map((capability) => [
    `\`${capability}\``,
    ...stores.map(({ lacks }) => (lacks.includes(capability) ? 'no' : 'yes')),
  ])
  const table = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const page = await readFile(path.join(import.meta.dirname, '../../../docs/storage.md'), 'utf8')
  expect(page.includes(table), `docs/storage.md lacks this table:\n${table}`).toBe(true)
})
