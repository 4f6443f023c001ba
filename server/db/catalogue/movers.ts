// Movers that run, by the rows that they renew.

/** A mover renews its row every second; who has not for so long (seconds) does not count. */
const silentSeconds = 5

/** SQL for the names of two stores: the mover `x` works on the link between them. */
export const servesLink = (from: string, to: string): string =>
  `(x.links IS NULL OR EXISTS (SELECT 1 FROM jsonb_array_elements(x.links) l
    WHERE COALESCE(l->>'from', ${from}) = ${from} AND COALESCE(l->>'to', ${to}) = ${to}))`

/** SQL: how many run of which that holds. */
export const moversOf = (which: string): string =>
  `(SELECT count(*)::int FROM mover x WHERE x.seen_at > now() - interval '${silentSeconds} seconds' AND ${which})`
