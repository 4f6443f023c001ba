'use client'
import { useState } from 'react'
import { signInHref, signOut } from '../../_lib/session.ts'
import { RefusalNote } from '../shared/refusal-note.tsx'

export function SessionSection() {
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
      <p className="mb-2 text-ink-2">
        This browser is signed in until you sign out, or the token expires or is revoked.
      </p>
      <button type="button" className="btn" onClick={leave}>
        Sign out
      </button>
      <RefusalNote text={failed ? 'FaDO does not answer: you are still signed in.' : undefined} />
    </section>
  )
}
