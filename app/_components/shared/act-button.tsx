'use client'
// What changes something: disabled, with the reason, for who may only read.
import Link from 'next/link'
import type { ComponentProps } from 'react'
import { useReadsOnly } from '../shell/use-viewer.ts'

export function ActButton({ disabled, ...button }: Omit<ComponentProps<'button'>, 'type' | 'title'>) {
  const reason = useReadsOnly()
  return <button type="button" {...button} disabled={disabled || reason !== null} title={reason ?? undefined} />
}

/** The same, where the form is on another page. */
export function ActLink({
  href,
  className,
  children,
}: Pick<ComponentProps<typeof Link>, 'className' | 'children'> & { readonly href: string }) {
  const reason = useReadsOnly()
  if (reason !== null) return <ActButton className={className}>{children}</ActButton>
  return (
    <Link href={href} className={className}>
      {children}
    </Link>
  )
}
