'use client'
import { useState } from 'react'
import { list } from '../../_lib/format.ts'
import { signInHref, signOut } from '../../_lib/session.ts'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { useViewer } from '../shell/use-viewer.ts'

export function SessionSection() {
  const viewer = useViewer()
  const [failed, setFailed] = useState(false)
  const leave = async () => {
    setFailed(false)
    if (await signOut()) window.location.assign(signInHref('left', '/'))
    else setFailed(true)
  }
  return (
    <section aria-labelledby="h-session">
      <header>
        <h2 id="h-session">Session</h2>
      </header>
      {viewer && (
        <p>
          Signed in with the token <code>{viewer.name}</code>, role {viewer.role.toLowerCase()}
          {viewer.zones.length > 0 && ` for the zones ${list(viewer.zones)}`}.
        </p>
      )}
      <p className="mb-2 text-ink-2">That lasts until you sign out, or the token expires or is revoked.</p>
      <button type="button" className="btn" onClick={leave}>
        Sign out
      </button>
      <RefusalNote text={failed ? 'FaDO does not answer: you are still signed in.' : undefined} />
    </section>
  )
}
