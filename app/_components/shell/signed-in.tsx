'use client'
import { useReadsOnly, useViewer } from './use-viewer.ts'

/** Whose token this browser is signed in with, and its role. */
export function SignedIn() {
  const viewer = useViewer()
  const reason = useReadsOnly()
  if (viewer === undefined) return null
  return (
    <span title={reason ?? undefined}>
      <span className="sr-only">signed in as </span>
      <b>{viewer.name}</b>, {viewer.role.toLowerCase()}
      {reason !== null && ': reads only'}
    </span>
  )
}
