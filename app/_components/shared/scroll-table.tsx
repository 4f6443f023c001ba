import type { ReactNode } from 'react'

/** A table wider than its place scrolls in its own frame, by keyboard too. */
export function ScrollTable({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="scroll-x" tabIndex={0} aria-label={`${label}, table`}>
      {children}
    </section>
  )
}
