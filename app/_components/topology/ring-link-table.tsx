'use client'
import { useState } from 'react'
import { count, plural, rate } from '../../_lib/format.ts'
import { type RingLink, toneOf } from '../../_lib/topology/ring-links.ts'
import { flowWords, speedOf, waitWords } from '../../_lib/topology/words.ts'
import { Icon } from '../shared/icon.tsx'

/** The busiest; all of them on demand, of which a fleet of fifty clusters has thousands. */
const fewRows = 12
const mostRows = 200

type Props = { readonly links: readonly RingLink[]; readonly onChoose: (link: string) => void }

/** What the ring shows of links, in lines. Its two columns fit a side column and a phone, so they are never stacked. */
export function RingLinkTable({ links, onChoose }: Props) {
  const [all, setAll] = useState(false)
  const shown = links.slice(0, all ? mostRows : fewRows)
  const hidden = links.length - shown.length
  const speed = speedOf(links)
  return (
    <section className="order-3" aria-labelledby="h-ring-links">
      <header>
        <h2 id="h-ring-links">Links</h2>
        <span className="dim">{speed >= 1 ? `${rate(speed)}, the busiest first` : ''}</span>
      </header>
      {links.length === 0 ? (
        <p className="text-ink-2">A link appears with the first replica in another cluster.</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Link</th>
              <th scope="col" className="num">
                Speed
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((link) => (
              <LinkRow key={link.id} link={link} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      )}
      {(all ? links.length > fewRows : hidden > 0) && (
        <button type="button" className="btn quiet small mt-2" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? 'Show the busiest only' : `Show ${plural(hidden, 'more link')}`}
        </button>
      )}
      {all && hidden > 0 && <p className="pt-2 text-sm text-ink-3">and {count(hidden)} more</p>}
    </section>
  )
}

function LinkRow({ link, onChoose }: { readonly link: RingLink; readonly onChoose: Props['onChoose'] }) {
  const waits = waitWords(link)
  const tone = link.state === 'idle' ? 'dim' : toneOf(link) === 'warn' ? 'text-warn' : ''
  return (
    <tr>
      <td className="wrap">
        <button type="button" className="link mono text-left" onClick={() => onChoose(link.id)}>
          {link.from} <Icon name="arrow" />
          <span className="sr-only"> to </span> {link.to}
        </button>
      </td>
      <td className="num">
        <span className={tone}>{flowWords(link)}</span>
        {waits !== null && <span className="dim block">{waits}</span>}
      </td>
    </tr>
  )
}
