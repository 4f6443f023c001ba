import type { ReactNode } from 'react'

const line = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.5,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

const shapes = {
  close: <path d="M4.5 4.5l7 7M11.5 4.5l-7 7" {...line} />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="7.5" height="8" rx="1" {...line} />
      <path d="M3 10.5V3.5a1 1 0 0 1 1-1h6" {...line} />
    </>
  ),
  arrow: <path d="M2.5 8h10M9 4.5L12.5 8 9 11.5" {...line} />,
  folder: <path d="M2.5 12.5v-8a1 1 0 0 1 1-1h3l1.5 2h4.5a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1z" {...line} />,
  download: <path d="M8 2.5v8M4.75 7.5L8 10.75l3.25-3.25M2.75 13.5h10.5" {...line} />,
  trash: <path d="M3 4.5h10M6.5 4.5v-2h3v2M4.25 4.5l.6 9h6.3l.6-9M6.75 7v4M9.25 7v4" {...line} />,
  edit: <path d="M3 13l.6-2.9 7-7 2.3 2.3-7 7z" {...line} />,
  theme: (
    <>
      <circle cx="8" cy="8" r="5" {...line} />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" />
    </>
  ),
  mark: (
    <>
      <path d="M2 2h5.5v5.5H2z" fill="var(--color-accent)" />
      <circle cx="11.75" cy="4.75" r="2.25" fill="currentColor" />
      <circle cx="4.75" cy="11.75" r="2.25" fill="currentColor" />
      <path d="M10 13.5l3.5-3.5" {...line} strokeWidth={1.25} />
    </>
  ),
} satisfies Readonly<Record<string, ReactNode>>

export function Icon({ name }: { readonly name: keyof typeof shapes }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      {shapes[name]}
    </svg>
  )
}
