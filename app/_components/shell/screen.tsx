'use client'
import type { ReactNode } from 'react'
import { Top } from './top.tsx'

type Props = { readonly title: ReactNode; readonly actions?: ReactNode; readonly children: ReactNode }

export function Screen({ title, actions, children }: Props) {
  return (
    <>
      <Top title={title}>{actions}</Top>
      <div className="content">{children}</div>
    </>
  )
}
