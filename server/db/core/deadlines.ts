/**
 * How long things at the database may take, in milliseconds. A path that falls silent is an error within 10 s: it is
 * suspected after `silence`, asked about within `asking`, and nobody waits longer than `connect` for another connection.
 * A statement that the server works on is never taken for silence.
 */
export const deadlines = {
  /** To get a connection: a free one of the pool, or a new one with TLS and sign-in. */
  connect: 8_000,
  /** An answer is due and no byte moved for so long: the server is asked over another connection whether it works on it. */
  silence: 3_000,
  /** For that question, from connecting to its answer. */
  asking: 4_000,
  /** PostgreSQL itself ends a statement after this. Migrations have no such limit: they run on a connection of their own. */
  statement: 60_000,
  /** A transaction in which nobody says anything is rolled back by PostgreSQL, and its locks are free. */
  idleTransaction: 10_000,
  /** Connections that wait (LISTEN, session locks) are used at least so often. */
  heartbeat: 2_000,
  /**
   * PostgreSQL ends such a connection that it has not heard of for so long: the locks of a process that is out of reach or paused.
   * With the time until another one asks for them that is less than 10 s.
   */
  idleWaiting: 7_000,
  /** PostgreSQL ends any other connection that it has not heard of for so long; the pool gives them up after `idle`. */
  idleSession: 45_000,
  idle: 30_000,
  /** To take leave in order, before a connection is cut. */
  close: 1_000,
}

export type Deadlines = typeof deadlines
