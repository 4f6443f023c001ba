// Who may call on a bucket, of its route table `t`. In words: domain/explain/say-decision.ts.

const guarded = `t.content ? 'callers'`
/** Of one that is gone only its id is left in the table. */
const letIn = `FROM caller c WHERE t.content->'callers' ? c.id::text`

/** SQL: their names; null: anybody. */
export const whoMayCall = `CASE WHEN ${guarded} THEN ARRAY(SELECT c.name ${letIn} ORDER BY c.name) END`

/** SQL: all that its policy names are gone. */
export const nobodyMayCall = `(${guarded} AND NOT EXISTS (SELECT 1 ${letIn}))`
