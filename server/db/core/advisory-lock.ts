// A lock for work that is longer than a transaction; it goes with its process, however that ends. One connection holds all
// that a process has, so that many of them at once need no more.
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Pool } from './pool.ts'

const retryMs = 100

/** A connection for as long as somebody needs it; `held`: the names that this process holds by it. */
type Session = {
  users: number
  readonly client: Promise<pg.Client>
  readonly held: Set<string>
  last: Promise<unknown>
}
const sessions = new WeakMap<Pool, Session>()

function openSession(pool: Pool): Session {
  const session: Session = { users: 0, client: pool.dedicated(), held: new Set(), last: Promise.resolve() }
  sessions.set(pool, session)
  session.client.then((client) => client.once('end', () => forget(pool, session))).catch(() => forget(pool, session))
  return session
}
/** What is begun from now on opens another one. */
function forget(pool: Pool, session: Session): void {
  if (sessions.get(pool) === session) sessions.delete(pool)
}

/** What the work does is checked where it is stored: the connection may break meanwhile. */
async function withSession<T>(pool: Pool, use: (session: Session, client: pg.Client) => Promise<T>): Promise<T> {
  const session = sessions.get(pool) ?? openSession(pool)
  session.users++
  try {
    return await use(session, await session.client)
  } finally {
    session.users--
    if (session.users === 0) {
      forget(pool, session)
      await session.client.then((client) => client.end()).catch(() => undefined)
    }
  }
}

/** One question at a time. */
function ask(session: Session, client: pg.Client, call: string, name: string): Promise<boolean> {
  const text = `SELECT ${call}(hashtextextended($1, 0)) AS done`
  const answer = session.last.then(() => client.query<{ done: boolean }>(text, [name]))
  session.last = answer.catch(() => undefined)
  return answer.then(({ rows }) => rows[0]?.done === true)
}

/** Of one session PostgreSQL takes the same lock twice: who else of this process has it is known here. */
async function tryLock(session: Session, client: pg.Client, name: string): Promise<boolean> {
  const { held } = session
  if (held.has(name)) return false
  held.add(name)
  let won = false
  try {
    won = await ask(session, client, 'pg_try_advisory_lock', name)
    return won
  } finally {
    if (!won) held.delete(name)
  }
}

async function underLock<T>(session: Session, client: pg.Client, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await ask(session, client, 'pg_advisory_unlock', name).catch(() => undefined)
    session.held.delete(name)
  }
}

/** Runs `work` while nobody else holds the lock `name`; waits for it. */
export const withLock = <T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T> =>
  withSession(pool, async (session, client) => {
    while (!(await tryLock(session, client, name))) await sleep(retryMs)
    return underLock(session, client, name, work)
  })

/** `undefined`, and nothing done, when someone else holds it. */
export const withFreeLock = <T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T | undefined> =>
  withSession(pool, async (session, client) =>
    (await tryLock(session, client, name)) ? underLock(session, client, name, work) : undefined,
  )
