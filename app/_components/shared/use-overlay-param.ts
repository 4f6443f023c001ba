'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** An overlay that has an address: open while the query holds `name`. */
export function useOverlayParam(name: string): readonly [open: boolean, set: (open: boolean) => void] {
  const router = useRouter()
  const path = usePathname()
  const query = useSearchParams()
  const set = useCallback(
    (open: boolean) => {
      const next = new URLSearchParams(query)
      if (open) next.set(name, '1')
      else next.delete(name)
      const text = next.toString()
      router.replace(text === '' ? path : `${path}?${text}`, { scroll: false })
    },
    [router, path, query, name],
  )
  return [query.has(name), set]
}
