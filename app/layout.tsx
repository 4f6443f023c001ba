import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { parseTheme, themeCookie } from './_lib/theme.ts'
import './globals.css'

export const metadata: Metadata = { title: { template: '%s, FaDO', default: 'FaDO' }, robots: { index: false } }
export const viewport: Viewport = { colorScheme: 'light dark' }

// Each answer has a nonce of its own in its content security policy: nothing can be rendered ahead.
export const dynamic = 'force-dynamic'

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const theme = parseTheme((await cookies()).get(themeCookie)?.value)
  return (
    <html lang="en" {...(theme === 'system' ? {} : { 'data-theme': theme })}>
      <body>{children}</body>
    </html>
  )
}
