// A mover in a process of its own, which can be killed. Prints `ready`, then works until it is ended.
// usage: node hold-mover.ts DATABASE_URL '[{ "id", "name", "endpoint", "accessKey", "secretKey" }]' '{ times }'
import { v7 } from 'uuid'
import { createWakeups } from '../../server/db/core/notify.ts'
import { createPool } from '../../server/db/core/pool.ts'
import { createLog } from '../../server/log.ts'
import { createMover } from '../../server/replication/mover.ts'
import { driverOf } from './minio-driver.ts'
import type { TestStore } from './mover-fleet.ts'

const [, , url = '', stores = '[]', times = '{}'] = process.argv
const log = createLog(process.env['FADO_TEST_LOG'] ?? 'silent', 'mover')
const pool = createPool(url, { max: 10, onError: (error) => log.warn({ err: error }) })
const wakeups = await createWakeups(pool, (error) => log.warn({ err: error }))
const drivers = new Map(
  (JSON.parse(stores) as (TestStore & { id: string })[]).map(({ id, name, endpoint, ...keys }) => [
    id,
    { driver: driverOf(endpoint, keys), name },
  ]),
)
const storageFor = async (id: string) => {
  const found = drivers.get(id)
  if (found === undefined) throw new Error(`no store ${id}`)
  return found
}
createMover({ pool, wakeups, storageFor, log, owner: v7(), times: JSON.parse(times) as object }).start()
console.log('ready')
