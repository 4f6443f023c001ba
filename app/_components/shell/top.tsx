'use client'
import type { ReactNode } from 'react'
import { ThemeSwitch } from './theme-switch.tsx'

/** The bar on top of a screen: its title and what can be done here. */
export function Top({ title, children }: { readonly title: ReactNode; readonly children?: ReactNode }) {
  return (
    <div className="top">
      <h1>{title}</h1>
      <span className="ml-auto flex items-center gap-2">
        {children}
        <ThemeSwitch />
      </span>
    </div>
  )
}
