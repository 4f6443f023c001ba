'use client'
import { age, clock } from '../../_lib/format.ts'
import type { LostTo } from '../../_lib/link.ts'
import { Glyph } from '../shared/glyph.tsx'
import { useLinkState } from './use-link.ts'
import { useNow } from './use-now.ts'

/** Says how old what is shown is, while it is not live. Where nothing could be read the page says it all (shell.css). */
export function OfflineBanner() {
  const link = useLinkState()
  return <div role="status">{!link.live && <Lost at={link.at} to={link.to} />}</div>
}

const said: Readonly<Record<LostTo, string>> = {
  network: 'This browser is offline',
  fado: 'FaDO does not answer',
  database: 'FaDO cannot use its database',
}

function Lost({ at, to }: { readonly at: Date; readonly to: LostTo }) {
  const now = useNow(1_000)
  return (
    <div className="banner">
      <Glyph name="warn" tone="warn" />
      <span>
        {said[to]}, since {clock(at)} ({age(at, now)}). What you see is from then. Envoy goes on serving by the last
        routes; this page tries again by itself.
      </span>
    </div>
  )
}
