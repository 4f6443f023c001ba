'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { Icon } from '../shared/icon.tsx'
import { SkeletonSentence } from '../shared/skeleton.tsx'
import { useIsConnected } from './console-provider.tsx'
import { LiveChanges } from './live-changes.tsx'
import { LiveState } from './live-state.tsx'
import { NavLink } from './nav-link.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { SignedIn } from './signed-in.tsx'

const groups = [
  [
    ['/', 'Overview'],
    ['/topology', 'Topology'],
    ['/buckets', 'Buckets'],
    ['/clusters', 'Clusters'],
  ],
  [
    ['/replication', 'Replication'],
    ['/routing', 'Routing'],
    ['/policies', 'Policies'],
  ],
  [['/settings', 'Settings']],
] as const

const isAt = (path: string, href: string) => path === href || (href !== '/' && path.startsWith(`${href}/`))

/** Navigation and the frame of every screen. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const path = usePathname()
  const connected = useIsConnected()
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="rail">
        <Link className="brand" href="/">
          <Icon name="mark" />
          FaDO
        </Link>
        <nav aria-label="Screens">
          {groups.map((group) => (
            <ul key={group[0][0]}>
              {group.map(([href, text]) => (
                <li key={href}>
                  <NavLink href={href} text={text} current={isAt(path, href)} />
                </li>
              ))}
            </ul>
          ))}
        </nav>
        <div className="foot">
          {connected && (
            <>
              <LiveState />
              <SignedIn />
            </>
          )}
        </div>
      </header>
      <div className="min-w-0">
        {connected && (
          <>
            <LiveChanges />
            <OfflineBanner />
          </>
        )}
        <main id="main" tabIndex={-1}>
          {connected ? children : <Waiting />}
        </main>
      </div>
    </div>
  )
}

const Waiting = () => (
  <div className="content">
    <SkeletonSentence />
  </div>
)
