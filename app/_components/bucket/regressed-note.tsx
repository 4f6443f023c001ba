'use client'
import { useState } from 'react'
import type { MasterChoice } from '../../../graphql/generated/operations.ts'
import { count, moment } from '../../_lib/format.ts'
import { choicesOf, foundWords, type MayBeRegressed, type Regressed, waysWords } from '../../_lib/regressed.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { ProgressBar } from '../shared/progress-bar.tsx'
import { ResolveMaster } from './resolve-master.tsx'

type Props = { readonly bucket: MayBeRegressed; readonly found: Regressed }

const acts: Readonly<Record<MasterChoice, string>> = {
  REBUILD: 'Rebuild it from a copy',
  ACCEPT: 'Accept it as it is now',
}

/** What a master lost that went backwards, and the two ways on. */
export function RegressedNote({ bucket, found }: Props) {
  const [choice, setChoice] = useState<MasterChoice | null>(null)
  const home = bucket.master.storageDeployment.name
  return (
    <div className="note bad mt-3 max-w-3xl">
      <Glyph name="master-stopped" tone="bad" />
      <div className="grid gap-2">
        <p>
          <code>{home}</code> came back with an earlier state than FaDO saw there, known since {moment(found.since)}:{' '}
          {foundWords(found)}. {bucket.replicas.length > 0 && 'The copies keep what they have until you choose.'}
        </p>
        <Samples found={found} />
        {found.choice === null ? (
          <>
            <p>{waysWords(bucket, found)}</p>
            <p className="flex flex-wrap gap-2">
              {choicesOf(bucket, found).map((one) => (
                <ActButton key={one} className="btn" onClick={() => setChoice(one)}>
                  {acts[one]}
                </ActButton>
              ))}
            </p>
          </>
        ) : (
          <Doing bucket={bucket} found={found} />
        )}
      </div>
      {choice !== null && (
        <ResolveMaster bucket={bucket} found={found} choice={choice} onClose={() => setChoice(null)} />
      )}
    </div>
  )
}

function Samples({ found }: { readonly found: Regressed }) {
  if (found.samples.length === 0) return null
  const rest = found.missing + found.older - found.samples.length
  return (
    <ul aria-label="Some of the objects">
      {found.samples.map(({ key, seen, now }) => (
        <li key={key}>
          <code>{key}</code>: {seen === null ? 'seen' : `of ${moment(seen)}`},{' '}
          {now === null ? 'gone' : `of ${moment(now)} now`}
        </li>
      ))}
      {rest > 0 && <li>and {count(rest)} more</li>}
    </ul>
  )
}

function Doing({ bucket, found }: Props) {
  const { rebuild } = bucket.master
  if (found.choice === 'ACCEPT') return <p>It was accepted: the copies become what it is now.</p>
  if (!rebuild || rebuild.endedAt !== null) return <p>It is being made again from a copy.</p>
  const { from, objectsDone: done, objectsTotal: total, objectsKept: kept, objectsUnfit: unfit } = rebuild
  return (
    <>
      <p>
        It is being made again from <code>{from}</code>: {count(done)} of {count(total)} objects.
        {kept > 0 && ` ${count(kept)} were written since and stay.`}
        {unfit > 0 && ` ${count(unfit)} cannot be taken from there.`}
      </p>
      <ProgressBar share={total === 0 ? 0 : Math.min(1, done / total)} label="Objects looked at" />
    </>
  )
}
