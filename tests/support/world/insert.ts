// Rows as they are written by hand for tests. The types are those of prisma/schema.prisma, so a changed column is an error here
// and in the rungs of fleet.ts, not in the tests.
import type { Sql } from '../../../server/db/core/pool.ts'
import type { Prisma } from '../../../server/db/generated/client.ts'

export type Rows = {
  readonly cluster: Prisma.ClusterUncheckedCreateInput
  readonly storageDeployment: Prisma.StorageDeploymentUncheckedCreateInput
  readonly faasDeployment: Prisma.FaasDeploymentUncheckedCreateInput
  readonly bucket: Prisma.BucketUncheckedCreateInput
  readonly policyValue: Prisma.PolicyValueUncheckedCreateInput
  readonly replica: Prisma.ReplicaUncheckedCreateInput
  readonly replicaTask: Prisma.ReplicaTaskUncheckedCreateInput
  readonly replicaObject: Prisma.ReplicaObjectUncheckedCreateInput
  readonly objectRecord: Prisma.ObjectRecordUncheckedCreateInput
  readonly dirtyBucket: Prisma.DirtyBucketUncheckedCreateInput
  readonly dirtyObject: Prisma.DirtyObjectUncheckedCreateInput
  readonly storeTrouble: Prisma.StoreTroubleUncheckedCreateInput
  readonly routeTable: Prisma.RouteTableUncheckedCreateInput
  readonly route: Prisma.RouteUncheckedCreateInput
  readonly proxyNode: Prisma.ProxyNodeUncheckedCreateInput
  readonly proxyStream: Prisma.ProxyStreamUncheckedCreateInput
  readonly proxyException: Prisma.ProxyExceptionUncheckedCreateInput
}
export type Table = keyof Rows

/** As the migrations call it, e.g. `bucketId` is `bucket_id`. */
const sqlName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `orUpdate`: columns of the key; a row that is there is changed. What fails says with which row. */
export async function insert<T extends Table>(
  sql: Sql,
  table: T,
  row: Rows[T],
  orUpdate: readonly (string & keyof Rows[T])[] = [],
): Promise<void> {
  const names = Object.keys(row).map(sqlName)
  const conflict =
    orUpdate.length === 0
      ? ''
      : `ON CONFLICT (${orUpdate.map(sqlName).join()}) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join()}`
  try {
    await sql.query(
      `INSERT INTO ${sqlName(table)} (${names.join()}) VALUES (${names.map((_, n) => `$${n + 1}`).join()}) ${conflict}`,
      Object.values(row),
    )
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`no ${table} was made of ${JSON.stringify(row)}: ${why}`, { cause: error })
  }
}
