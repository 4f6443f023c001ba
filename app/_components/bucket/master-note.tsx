import type { BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { list } from '../../_lib/format.ts'
import { masterStop } from '../../_lib/master.ts'
import { Glyph } from '../shared/glyph.tsx'

/** What to do about a master whose bucket is missing, or another one. */
export function MasterNote({ bucket }: { readonly bucket: BucketPartsFragment }) {
  const stop = masterStop(bucket)
  if (stop === null) return null
  const { bucketName, storageDeployment: home } = bucket.master
  const whole = bucket.replicas
    .filter((one) => one.state === 'IN_SYNC' || one.state === 'LAGGING')
    .map((one) => one.storageDeployment.name)
    .sort()
  return (
    <p className="note bad mt-3 max-w-3xl">
      <Glyph name="master-stopped" tone="bad" />
      <span>
        {stop === 'missing' ? (
          <>
            Put the bucket <code>{bucketName}</code> back on <code>{home.name}</code>, with its objects
          </>
        ) : (
          <>
            Put the bucket that was called <code>{bucketName}</code> back on <code>{home.name}</code> in place of the
            one that is there now
          </>
        )}
        : FaDO knows it by its objects, looks for it once a minute, and goes on by itself. If it is lost,{' '}
        {whole.length === 0 ? 'no copy has its data whole' : `the data is still on ${list(whole)}`}: take from there
        what you need, delete the bucket here and create it anew.
      </span>
    </p>
  )
}
