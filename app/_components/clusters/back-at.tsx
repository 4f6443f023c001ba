'use client'
import { backWords } from '../../_lib/health.ts'
import { useNow } from '../shell/use-now.ts'

/** When what is coming back takes its calls again. */
export function BackAt({ at }: { readonly at: string | null }) {
  const now = useNow()
  return at === null ? null : <span className="text-ink-2">{backWords(at, now)} </span>
}
