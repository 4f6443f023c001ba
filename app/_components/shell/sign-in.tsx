'use client'
import { useSearchParams } from 'next/navigation'
import { type FormEvent, useCallback, useEffect, useState } from 'react'
import { nextPage, signIn, tokenOf } from '../../_lib/session.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Icon } from '../shared/icon.tsx'
import { TextField } from '../shared/text-field.tsx'

const reasons: Readonly<Record<string, string>> = {
  needed: 'Sign in to see this page.',
  ended: 'Your session is over: its token has expired or was revoked.',
  left: 'You are signed out.',
}

/** Trades a token for the session's cookie: one from the link's fragment at once, else the one that is pasted. */
export function SignIn() {
  const query = useSearchParams()
  const [token, setToken] = useState('')
  const [busy, setBusy] = useState(false)
  // What is typed before the page is alive would be lost.
  const [alive, setAlive] = useState(false)
  useEffect(() => setAlive(true), [])
  const [error, setError] = useState<string>()
  const next = nextPage(query.get('next'))
  const reason = reasons[query.get('reason') ?? '']

  const enter = useCallback(
    async (secret: string) => {
      setBusy(true)
      setError(undefined)
      const done = await signIn(secret)
      // A whole new page: nothing of an earlier session stays in memory.
      if (done.ok) window.location.replace(next)
      else {
        setError(done.reason)
        setBusy(false)
      }
    },
    [next],
  )

  useEffect(() => {
    const take = () => {
      const secret = tokenOf(window.location.hash)
      if (secret === null) return
      // The secret leaves the address before anything else can read or keep it.
      window.history.replaceState(null, '', window.location.pathname + window.location.search)
      void enter(secret)
    }
    take()
    // A link that is pasted where this page is shown already changes the fragment only.
    window.addEventListener('hashchange', take)
    return () => window.removeEventListener('hashchange', take)
  }, [enter])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() === '') setError('Paste a token first.')
    else void enter(token.trim())
  }
  return (
    <main className="signin">
      <form onSubmit={submit}>
        <div className="brand p-0">
          <Icon name="mark" />
          <h1>FaDO</h1>
        </div>
        {reason && (
          <p className="note plain">
            <Glyph name="skip" />
            <span>{reason}</span>
          </p>
        )}
        <TextField
          label="API token"
          value={token}
          onChange={setToken}
          secret
          disabled={!alive}
          error={error}
          hint="The demo and a fresh install print a link that signs in by itself. The token stays in this browser until you sign out."
        />
        <button type="submit" className="btn primary w-full" disabled={busy || !alive}>
          {busy ? 'Signing in' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
