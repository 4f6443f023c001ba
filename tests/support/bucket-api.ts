// The API with one store of one cluster, and a name for the bucket of each test.
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createStorageDriver } from '../../server/storage/create-storage-driver.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import { startMinio } from './minio.ts'
import { registerStore } from './register.ts'
import type { StoreProcess } from './store-process.ts'
import { startTestWeb, type TestWeb } from './web.ts'

/** To be called once in a test file; all of it is there from the first test on. */
export function bucketApi() {
  let running: { readonly web: TestWeb; readonly minio: StoreProcess; readonly driver: StorageDriver } | undefined
  let number = 0
  beforeAll(async () => {
    const env = { MINIO_NOTIFY_WEBHOOK_ENABLE_FADO: 'on', MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO: 'http://127.0.0.1:1/' }
    const [web, minio] = await Promise.all([startTestWeb(), startMinio({ env })])
    running = { web, minio, driver: createStorageDriver({ ...minio, region: 'us-east-1' }) }
    await registerStore(web, 'hpc', minio, ['germany'])
    await web.mutate('clusterCreate', { name: 'edge', zones: ['high-performance'] }, 'cluster { id }')
  })
  afterAll(async () => {
    await running?.driver.close()
    await running?.web.stop()
    await running?.minio.stop()
  })
  let name = ''
  beforeEach(() => {
    number += 1
    name = `bucket-${number}`
  })
  const parts = () => {
    if (running === undefined) throw new Error('it runs from the first test on')
    return running
  }
  const read = async (bucket = name) =>
    (
      await parts().web.ask(
        `query ($name: String!) { bucket(name: $name) { id version master { bucketName storageDeployment { name } }
           replicas { id } policies { name value source { kind name } } placement { condition reasons { code } }
           route { lbPolicy state overridden upstreams { cluster { name } weight } } stats { objects } } }`,
        { name: bucket },
      )
    ).data.bucket

  return {
    get web() {
      return parts().web
    },
    get minio() {
      return parts().minio
    },
    get driver() {
      return parts().driver
    },
    /** The bucket that the test is about; one of its own, until it says another. `number` is the test's in its file. */
    get bucket() {
      return name
    },
    set bucket(other) {
      name = other
    },
    get number() {
      return number
    },
    create: (input: Record<string, unknown> = {}) =>
      parts().web.mutate(
        'bucketCreate',
        { name: name, storageDeployment: 'hpc', ...input },
        'bucket { id name version }',
      ),
    read,
    policy: async (policy: string) => (await read()).policies.find((one: { name: string }) => one.name === policy),
    /** Why the bucket is to be decided; undefined: it is not. */
    dirty: async () =>
      (
        await parts().web.pool.query<{ intent: boolean; narrowing: boolean }>(
          'SELECT d.intent, d.narrowing FROM dirty_bucket d JOIN bucket b ON b.id = d.bucket_id WHERE b.name = $1',
          [name],
        )
      ).rows[0],
    /** As if all were decided. */
    decided: () => parts().web.pool.query('DELETE FROM dirty_bucket'),
  }
}
