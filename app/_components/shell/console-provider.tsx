'use client'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { Provider } from 'urql'
import { type ConsoleClient, createConsoleClient } from '../../_lib/client.ts'
import { isLeaving, signInHref } from '../../_lib/session.ts'
import { Toasts } from '../shared/toasts.tsx'
import { UploadsProvider } from './uploads-provider.tsx'

const ConsoleContext = createContext<ConsoleClient | null>(null)

/** The connection to FaDO. It exists in the browser only: no data is read while the server renders. */
export function useConsole(): ConsoleClient {
  const console = useContext(ConsoleContext)
  if (console === null) throw new Error('useConsole outside of ConsoleProvider')
  return console
}

export const useIsConnected = (): boolean => useContext(ConsoleContext) !== null

function connect(): ConsoleClient {
  return createConsoleClient({
    origin: window.location.origin,
    network: {
      online: () => navigator.onLine,
      addEventListener: window.addEventListener.bind(window),
      removeEventListener: window.removeEventListener.bind(window),
    },
    onSignedOut: (began) => {
      if (isLeaving()) return
      const { pathname, search } = window.location
      window.location.assign(signInHref(began ? 'ended' : 'needed', pathname + search))
    },
  })
}

export function ConsoleProvider({ children }: { readonly children: ReactNode }) {
  const [connection, setConnection] = useState<ConsoleClient | null>(null)
  useEffect(() => {
    const made = connect()
    setConnection(made)
    return made.dispose
  }, [])
  useEffect(() => (connection === null ? undefined : refetchOnReturn(connection)), [connection])
  if (connection === null) return <ConsoleContext value={null}>{children}</ConsoleContext>
  return (
    <ConsoleContext value={connection}>
      <Provider value={connection.client}>
        <UploadsProvider>
          <Toasts>{children}</Toasts>
        </UploadsProvider>
      </Provider>
    </ConsoleContext>
  )
}

/** A tab that was hidden for longer may have been frozen, its events dropped. */
const longAway = 30_000

function refetchOnReturn(connection: ConsoleClient): () => void {
  let hiddenAt = Number.POSITIVE_INFINITY
  const onChange = () => {
    if (document.hidden) hiddenAt = Date.now()
    else if (Date.now() - hiddenAt > longAway) connection.refetchAll()
  }
  document.addEventListener('visibilitychange', onChange)
  return () => document.removeEventListener('visibilitychange', onChange)
}
