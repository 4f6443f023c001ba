'use client'
import Link from 'next/link'
import { useEffect, useRef } from 'react'

type Props = { readonly href: string; readonly text: string; readonly current: boolean }

export function NavLink({ href, text, current }: Props) {
  const link = useRef<HTMLAnchorElement>(null)
  // On a phone the navigation is a strip that scrolls.
  useEffect(() => {
    if (current) link.current?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [current])
  return (
    <Link ref={link} href={href} {...(current ? { 'aria-current': 'page' as const } : {})}>
      {text}
    </Link>
  )
}
