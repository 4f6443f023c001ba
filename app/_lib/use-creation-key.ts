'use client'
import { useCallback, useRef } from 'react'

/**
 * The idempotency key of a creation: the same as long as the same thing is asked for, so that a second try after a lost
 * answer finds what the first one made.
 */
export function useCreationKey(): (input: unknown) => string {
  const last = useRef<{ readonly asked: string; readonly key: string } | null>(null)
  return useCallback((input) => {
    const asked = JSON.stringify(input)
    if (last.current?.asked !== asked) last.current = { asked, key: randomKey() }
    return last.current.key
  }, [])
}

// crypto.randomUUID is there in secure contexts only; a console in a lab may be plain http.
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
