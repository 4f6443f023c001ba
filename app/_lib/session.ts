// Signing in and out: a token is traded for an HttpOnly cookie that no script can read.

export type SignIn = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export async function signIn(token: string, request: typeof fetch = fetch): Promise<SignIn> {
  const answer = await request('/api/session', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch(() => null)
  if (answer === null) return { ok: false, reason: 'FaDO does not answer. Is it running?' }
  if (answer.ok) return { ok: true }
  if (answer.status === 401) return { ok: false, reason: 'This token is not known, has expired or was revoked.' }
  return { ok: false, reason: (await messageOf(answer)) ?? `FaDO refused with status ${answer.status}.` }
}

type Refused = { readonly error?: { readonly message?: unknown } }

/** What the server says, for instance how long to wait after too many tries. */
async function messageOf(answer: Response): Promise<string | undefined> {
  const body = (await answer.json().catch(() => ({}))) as Refused
  return typeof body.error?.message === 'string' ? body.error.message : undefined
}

let leaving = false

/** Somebody signs out here: that the session is over is what they asked for. */
export const isLeaving = (): boolean => leaving

export async function signOut(request: typeof fetch = fetch): Promise<boolean> {
  leaving = true
  const answer = await request('/api/session', { method: 'DELETE', credentials: 'same-origin' }).catch(() => null)
  leaving = answer?.ok === true
  return leaving
}

/** Where to go after signing in: only ever a page of ours. */
export const nextPage = (wanted: string | null): string =>
  wanted !== null && /^\/(?![/\\])/.test(wanted) && !wanted.startsWith('/sign-in') ? wanted : '/'

/** The address of the sign-in page that leads back to `from`. */
export function signInHref(reason: 'needed' | 'ended' | 'left', from: string): string {
  const query = new URLSearchParams({ reason })
  if (from !== '/') query.set('next', from)
  return `/sign-in?${query}`
}

/** The token of a link `/sign-in#token=...`. */
export const tokenOf = (fragment: string): string | null =>
  new URLSearchParams(fragment.replace(/^#/, '')).get('token') || null
