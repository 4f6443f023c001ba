import Link from 'next/link'
import { decisionHref, explainHref } from '../../_lib/hrefs.ts'

type Props = { readonly past: boolean; readonly bucket: string; readonly asking: boolean }

/** Of the explainer: a call that is made now, or was made before. */
export const ExplainHeader = ({ past, bucket, asking }: Props) => (
  <header>
    <h2 id="h-explain">Explain a call</h2>
    {!past && <span className="dim">nothing is called</span>}
    <span className="dim" aria-live="polite">
      {asking && <span className="asking">asking…</span>}
    </span>
    <nav className="seg ml-auto" aria-label="Which call">
      <Way href={explainHref(bucket)} here={!past}>
        Made now
      </Way>
      <Way href={decisionHref({ decision: '', bucket })} here={past}>
        Made before
      </Way>
    </nav>
  </header>
)

type WayProps = { readonly href: string; readonly here: boolean; readonly children: string }

const Way = ({ href, here, children }: WayProps) => (
  <Link href={href} scroll={false} {...(here ? { 'aria-current': 'true' as const } : {})}>
    {children}
  </Link>
)
