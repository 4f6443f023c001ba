'use client'
import { useState } from 'react'
import type { LinkPartsFragment } from '../../../graphql/generated/operations.ts'
import { isFlowing, isUsed } from '../../../server/domain/links/in-use.ts'
import { isUnserved } from '../../../server/domain/links/unserved.ts'
import { bytes, count, moment, percent, plural, rate } from '../../_lib/format.ts'
import { linkName, loweredWords, sourceWords } from '../../_lib/links.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Icon } from '../shared/icon.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { PauseButton, PauseNote } from './pause-button.tsx'

/** Of a fleet of fifty stores there are thousands. */
const mostRows = 200

export function LinkTable({ links }: { readonly links: readonly LinkPartsFragment[] }) {
  const [all, setAll] = useState(false)
  const telling = links.filter((link) => isUsed(link) || isUnserved(link))
  const shown = (all ? links : telling).slice(0, mostRows)
  const hidden = (all ? links.length : telling.length) - shown.length
  return (
    <section aria-labelledby="h-links">
      <header>
        <h2 id="h-links">Links</h2>
        <span className="dim">{`${count(links.filter(isFlowing).length)} of ${count(links.length)} in use`}</span>
      </header>
      <Table
        label="Links"
        columns={columns}
        items={shown}
        keyOf={linkName}
        why={(link) =>
          link.pause !== null ? (
            <PauseNote pause={link.pause} />
          ) : isUnserved(link) ? (
            <span className="text-warn">No mover serves it.</span>
          ) : link.windows.length > 0 ? (
            <WindowNote windows={link.windows} />
          ) : null
        }
        empty={
          <p className="text-ink-2">
            {links.length === 0
              ? 'A link appears with the first replica: set target_replica_count of a bucket.'
              : 'Nothing goes over any link now.'}
          </p>
        }
      />
      {hidden > 0 && <p className="pt-2 text-sm text-ink-3">and {plural(hidden, 'link')} more</p>}
      {telling.length < links.length && (
        <button type="button" className="btn quiet small mt-2" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? 'Hide idle links' : `Show ${plural(links.length - telling.length, 'idle link')}`}
        </button>
      )}
    </section>
  )
}

type Link = LinkPartsFragment

const WindowNote = ({ windows }: Pick<Link, 'windows'>) => (
  <span className={windows.every(({ open }) => open) ? 'text-ink-2' : 'text-warn'}>
    {windows.map(({ message }) => `${message}.`).join(' ')}
  </span>
)

const columns: readonly Column<Link>[] = [
  {
    head: 'Link',
    cell: ({ from, to, pause, reasons }) => (
      <>
        <span className="mono">
          {pause !== null && <Glyph name="pending" label="paused" />} {from.name} <Icon name="arrow" />
          <span className="sr-only"> to </span> {to.name}
        </span>
        {reasons.length > 0 && (
          <span
            className="dim block max-w-56 whitespace-normal"
            title={reasons.map(({ message }) => message).join('. ')}
          >
            {reasons.map(({ code }) => sourceWords(code)).join(', ')}
          </span>
        )}
      </>
    ),
  },
  {
    head: 'Speed',
    as: 'num',
    cell: ({ bytesPerSecond, limit, comparing }) => (
      <>
        {bytesPerSecond !== null && rate(bytesPerSecond)}
        {bytesPerSecond === null && comparing === null && <span className="dim">idle</span>}
        {comparing !== null && (
          <span className="block" title="Copies are taken over: what equals the master does not cross again">
            {percent(comparing.objectsDone / Math.max(1, comparing.objectsTotal))} compared
            <span className="dim block">
              {count(comparing.objectsDone)} of {plural(comparing.objectsTotal, 'object')}
            </span>
          </span>
        )}
        {limit.bytesPerSecond !== null && <span className="dim block">limit {rate(limit.bytesPerSecond)}</span>}
      </>
    ),
  },
  {
    head: 'This month',
    as: 'num',
    cell: ({ month, costPerGb }) => (
      <>
        {month.bytes === 0 ? <span className="dim">0</span> : bytes(month.bytes)}
        {month.cost !== null && (
          <span className="dim block" title={`${costPerGb} for a GB`}>
            cost {month.cost.toFixed(2)}
          </span>
        )}
      </>
    ),
  },
  {
    head: 'Round trip',
    as: 'num',
    cell: ({ roundTripMs }) =>
      roundTripMs === null ? <span className="dim">-</span> : `${Math.max(0.1, Math.round(roundTripMs * 10) / 10)} ms`,
  },
  {
    head: 'At once',
    as: 'num',
    cell: ({ concurrency }) =>
      concurrency === null ? (
        <span className="dim">-</span>
      ) : (
        <>
          {concurrency.inUse} of {concurrency.limit}
          {concurrency.lowered !== null && (
            <span
              className="dim block"
              title={`${concurrency.lowered.reason.message}, ${moment(concurrency.lowered.at)}`}
            >
              {loweredWords(concurrency.lowered.reason.code)}
            </span>
          )}
        </>
      ),
  },
  {
    head: 'Moving',
    as: 'num',
    cell: ({ moving }) => (moving === 0 ? <span className="dim">0</span> : count(moving)),
  },
  {
    head: 'Waiting',
    as: 'num',
    cell: ({ waiting }) =>
      waiting.objects === 0 ? (
        <span className="dim">0</span>
      ) : (
        <>
          {plural(waiting.objects, 'object')}
          {waiting.bytes > 0 && <span className="dim block">{bytes(waiting.bytes)}</span>}
        </>
      ),
  },
  {
    head: 'Act',
    as: 'act',
    cell: (link) => (
      <PauseButton
        scope={{ link: { from: link.from.name, to: link.to.name } }}
        paused={link.pause !== null}
        of={`the link ${link.from.name} to ${link.to.name}`}
      />
    ),
  },
]
