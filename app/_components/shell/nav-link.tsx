import Link from 'next/link'

type Props = { readonly href: string; readonly text: string; readonly current: boolean }

export function NavLink({ href, text, current }: Props) {
  return (
    <Link href={href} {...(current ? { 'aria-current': 'page' as const } : {})}>
      {text}
    </Link>
  )
}
