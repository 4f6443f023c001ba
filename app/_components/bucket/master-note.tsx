import { list } from '../../_lib/format.ts'
import { masterStop } from '../../_lib/master.ts'
import type { MayBeRegressed } from '../../_lib/regressed.ts'
import { Glyph } from '../shared/glyph.tsx'
import { RegressedNote } from './regressed-note.tsx'

/** What to do about a master whose bucket is missing, or another one. */
export function MasterNote({ bucket }: { readonly bucket: MayBeRegressed }) {
  const stop = masterStop(bucket)
  if (stop === null) return null
  if (bucket.master.regressed) return <RegressedNote bucket={bucket} found={bucket.master.regressed} />
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
