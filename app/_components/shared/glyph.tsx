import type { ReactNode } from 'react'
import type { GlyphName, Sign, Tone } from '../../_lib/cells.ts'

const thin = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.5,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

/** A 16 px box, strokes of 1.5 px. Shape carries the state, colour only repeats it. */
const shapes: Readonly<Record<Exclude<GlyphName, 'ring'>, ReactNode>> = {
  master: <rect x="3.5" y="3.5" width="9" height="9" rx="1" fill="currentColor" />,
  'master-lost': <rect x="4.25" y="4.25" width="7.5" height="7.5" rx="1" {...thin} />,
  'master-stopped': (
    <>
      <rect x="2.75" y="2.75" width="10.5" height="10.5" rx="1" {...thin} />
      <path d="M5.75 5.75l4.5 4.5M10.25 5.75l-4.5 4.5" {...thin} />
    </>
  ),
  sync: <circle cx="8" cy="8" r="4" fill="currentColor" />,
  'sync-lost': <circle cx="8" cy="8" r="3.25" {...thin} />,
  lag: (
    <>
      <circle cx="8" cy="8" r="4.25" {...thin} />
      <path d="M8 3.75a4.25 4.25 0 0 0 0 8.5z" fill="currentColor" />
    </>
  ),
  pending: <circle cx="8" cy="8" r="4.5" {...thin} strokeLinecap="butt" strokeDasharray="2.1 2.6" />,
  leave: (
    <>
      <circle cx="8" cy="8" r="4.5" {...thin} />
      <path d="M6 8h4" {...thin} />
    </>
  ),
  fail: <path d="M4.25 4.25l7.5 7.5M11.75 4.25l-7.5 7.5" {...thin} strokeWidth={2} />,
  stray: (
    <>
      <path d="M8 2.5L13.5 8 8 13.5 2.5 8z" {...thin} />
      <path d="M8 5.75v2.75M8 10.25v.01" {...thin} />
    </>
  ),
  forbid: <path d="M6 10l4-4" {...thin} strokeWidth={1.25} />,
  warn: (
    <>
      <path d="M8 3l5.5 10h-11z" {...thin} />
      <path d="M8 6.75v2.5M8 11.2v.01" {...thin} />
    </>
  ),
  infeasible: (
    <>
      <circle cx="8" cy="8" r="5" {...thin} />
      <path d="M4.6 11.4l6.8-6.8" {...thin} />
    </>
  ),
  unknown: <circle cx="8" cy="8" r="1.5" fill="currentColor" />,
  pass: <path d="M3.5 8.5l3 3 6-7" {...thin} />,
  skip: <path d="M5 8h6" {...thin} />,
  notice: (
    <>
      <circle cx="8" cy="8" r="5.25" {...thin} />
      <path d="M8 7.5v3M8 5.2v.01" {...thin} />
    </>
  ),
}

type Props = {
  readonly name: GlyphName
  readonly tone?: Tone
  /** What it means, where no word stands beside it. */
  readonly label?: string
  /** Of a ring: how much of it is full, 0 to 1. */
  readonly share?: number
}

export function Glyph({ name, tone = 'plain', label, share = 0 }: Props) {
  const shape = name === 'ring' ? <Ring share={share} /> : shapes[name]
  const look = { className: `glyph ${tone}`, viewBox: '0 0 16 16' }
  return label ? (
    <svg {...look} role="img" aria-label={label}>
      {shape}
    </svg>
  ) : (
    <svg {...look} aria-hidden="true">
      {shape}
    </svg>
  )
}

const round = 2 * Math.PI * 4.5

function Ring({ share }: { readonly share: number }) {
  const stroke = { cx: 8, cy: 8, r: 4.5, fill: 'none', strokeWidth: 2.5 }
  return (
    <>
      <circle {...stroke} stroke="var(--color-line-strong)" />
      <circle
        {...stroke}
        stroke="currentColor"
        strokeDasharray={`${(round * share).toFixed(2)} ${round.toFixed(2)}`}
        transform="rotate(-90 8 8)"
      />
    </>
  )
}

export function SignGlyph({ mark, label }: { readonly mark: Sign; readonly label?: string }) {
  return (
    <Glyph name={mark.glyph} tone={mark.tone} share={mark.share ?? 0} {...(label === undefined ? {} : { label })} />
  )
}
