// Lists a bucket and prints how many objects it has. Run with little memory: who keeps what was listed does not come to the end.
// usage: node count-listing.ts ENDPOINT BUCKET

import { mergeJoin } from '../../server/replication/tasks/merge-join.ts'
import { compareKeys } from '../../server/storage/compare-keys.ts'
import { driverOf } from './minio-driver.ts'

const [, , endpoint = '', bucket = ''] = process.argv
const driver = driverOf(endpoint)
let count = 0
let last = ''
for await (const { key, a, b, c } of mergeJoin(driver.list(bucket), driver.list(bucket), driver.list(bucket))) {
  if (a === undefined || b === undefined || c === undefined || compareKeys(last, key) >= 0) throw new Error(`at ${key}`)
  last = key
  count++
}
await driver.close()
console.log(count)
