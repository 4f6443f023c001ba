'use client'
import { bytes, percent, plural } from '../../../_lib/format.ts'
import { visible } from '../../../_lib/objects.ts'
import type { Transfer } from '../../../_lib/uploads/transfers.ts'
import { Glyph } from '../../shared/glyph.tsx'
import { ProgressBar } from '../../shared/progress-bar.tsx'
import { useTransfers, useUploads } from '../../shell/uploads-provider.tsx'

const mostDone = 3
const mostWaiting = 3

/** What is on its way, what went wrong, and the last that are done. */
export function UploadList({ bucket }: { readonly bucket: string }) {
  const all = useTransfers(bucket)
  const { transfers } = useUploads()
  if (all.length === 0) return null
  const done = all.filter(({ state }) => state === 'done')
  const open = all.filter(({ state }) => state !== 'done')
  const waiting = open.filter(({ state }) => state === 'waiting')
  const hidden = waiting.slice(mostWaiting)
  const shown = [...open.filter((one) => !hidden.includes(one)), ...done.slice(-mostDone)]
  return (
    <section className="uploads" aria-label="Uploads">
      <p className="sr-only" role="status">
        {open.length === 0 ? `${plural(done.length, 'file')} uploaded` : `${plural(open.length, 'file')} to upload`}
      </p>
      <ul>
        {shown.map((transfer) => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </ul>
      {hidden.length > 0 && (
        <p className="flex items-center gap-2 text-ink-2">
          {`${plural(hidden.length, 'more file')} wait${hidden.length === 1 ? 's' : ''}.`}
          <button
            type="button"
            className="btn quiet small"
            onClick={() => {
              for (const { id } of waiting) transfers.drop(id)
            }}
          >
            Cancel all that wait
          </button>
        </p>
      )}
      {done.length > 0 && (
        <button type="button" className="btn quiet small" onClick={() => transfers.clearDone(bucket)}>
          {done.length > mostDone ? `Clear ${plural(done.length, 'upload')} that are done` : 'Clear what is done'}
        </button>
      )}
    </section>
  )
}

function Row({ transfer }: { readonly transfer: Transfer }) {
  const { transfers } = useUploads()
  const { id, key, size, state, sent, problem } = transfer
  const share = size === 0 ? Number(state === 'done') : sent / size
  const called = visible(key)
  return (
    <li>
      <span className="mono key" title={key}>
        {called}
      </span>
      <span className="text-ink-2">{wordsOf(transfer, share)}</span>
      <span className="acts">
        {state === 'asking' && (
          <button type="button" className="btn small" onClick={() => transfers.go(id)}>
            Replace it
          </button>
        )}
        {state === 'failed' && (
          <button
            type="button"
            className="btn small"
            aria-label={`Try ${called} again`}
            onClick={() => transfers.go(id)}
          >
            Try again
          </button>
        )}
        {state !== 'done' && (
          <button
            type="button"
            className="btn quiet small"
            aria-label={`Cancel the upload of ${called}`}
            onClick={() => transfers.drop(id)}
          >
            {state === 'asking' ? 'Keep it' : 'Cancel'}
          </button>
        )}
        {state === 'done' && <Glyph name="pass" />}
      </span>
      {state === 'sending' && <ProgressBar share={share} label={`Upload of ${called}`} />}
      {problem !== null && state === 'failed' && (
        <span className="error" role="alert">
          {problem}
        </span>
      )}
      {problem !== null && state === 'sending' && (
        <span className="text-ink-2" role="status">
          {problem}: it is tried again
        </span>
      )}
    </li>
  )
}

function wordsOf({ state, sent, size }: Transfer, share: number): string {
  switch (state) {
    case 'waiting':
      return `waits, ${bytes(size)}`
    case 'asking':
      return 'is there already: replace it?'
    case 'sending':
      return sent === size && size > 0 ? 'finishing' : `${percent(share)} of ${bytes(size)}`
    case 'done':
      return bytes(size)
    case 'failed':
      return `stopped at ${percent(share)}`
  }
}
