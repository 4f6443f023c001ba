import type { ReactNode } from 'react'
import { ConsoleProvider } from '../_components/shell/console-provider.tsx'
import { Shell } from '../_components/shell/shell.tsx'

export default function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  return (
    <ConsoleProvider>
      <Shell>{children}</Shell>
    </ConsoleProvider>
  )
}
