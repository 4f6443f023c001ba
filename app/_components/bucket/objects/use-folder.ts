'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** The folder that is looked at: a prefix with a slash at its end, or none. It has an address, so that Back leads out of it. */
export function useFolder(): readonly [folder: string, go: (prefix: string) => void] {
  const router = useRouter()
  const path = usePathname()
  const query = useSearchParams()
  const go = useCallback(
    (prefix: string) => {
      const next = new URLSearchParams(query)
      if (prefix === '') next.delete('in')
      else next.set('in', prefix)
      const text = next.toString()
      router.push(text === '' ? path : `${path}?${text}`, { scroll: false })
    },
    [router, path, query],
  )
  return [query.get('in') ?? '', go]
}
