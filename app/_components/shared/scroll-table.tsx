'use client'
import type { ReactNode } from 'react'
import { useScrolls } from './use-scrolls.ts'

/** A table wider than its place scrolls in its own frame, by keyboard too (WCAG 2.1.1): it is a stop of the Tab key then. */
export function ScrollTable({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  const [frame, scrolls] = useScrolls<HTMLElement>()
  return (
    <section ref={frame} className="scroll-x" {...(scrolls ? { tabIndex: 0 } : {})} aria-label={`${label}, table`}>
      {children}
    </section>
  )
}
