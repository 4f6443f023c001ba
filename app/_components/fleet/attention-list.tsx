import Link from 'next/link'
import type { Attention } from '../../_lib/attention-item.ts'
import { isNotice } from '../../_lib/attention-item.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { Said } from '../shared/said.tsx'

const most = 8

export function AttentionList({ things }: { readonly things: readonly Attention[] }) {
  return (
    <section aria-labelledby="h-attention">
      <header>
        <h2 id="h-attention">Needs attention</h2>
        <span className="dim">{things.filter((thing) => !isNotice(thing)).length > 1 ? 'most harm first' : ''}</span>
      </header>
      {things.length === 0 ? (
        <p className="text-ink-2">Nothing.</p>
      ) : (
        <ul>
          {things.slice(0, most).map((thing) => (
            <li className="att" key={thing.id}>
              <Glyph name={thing.glyph} tone={thing.tone} />
              <div className="what">
                <span>
                  <Said parts={thing.what} />{' '}
                  {thing.since !== null && (
                    <span className="font-normal text-ink-3">
                      <Lasting since={thing.since} />
                    </span>
                  )}
                </span>
                <Link href={thing.href}>{thing.act}</Link>
              </div>
              <p className="why">{thing.why}</p>
            </li>
          ))}
        </ul>
      )}
      {things.length > most && (
        <p className="pt-2 text-sm text-ink-3">
          and {things.length - most} more: <Link href="/buckets">all buckets</Link>
        </p>
      )}
    </section>
  )
}
