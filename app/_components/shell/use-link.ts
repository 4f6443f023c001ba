'use client'
import { useSyncExternalStore } from 'react'
import type { LinkState } from '../../_lib/link.ts'
import { useConsole } from './console-provider.tsx'

/** Whether what is shown is live. */
export function useLinkState(): LinkState {
  const { link } = useConsole()
  return useSyncExternalStore(link.subscribe, link.get, link.get)
}
