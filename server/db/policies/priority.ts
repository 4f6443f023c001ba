/**
 * SQL: the `replication_priority` in force for a bucket, as domain/policy/effective.ts says which that is, for statements that
 * order by it.
 */
export const priorityOf = (bucketId: string): string =>
  `COALESCE((SELECT (v.value #>> '{}')::int FROM policy_value v WHERE v.name = 'replication_priority'
    AND (v.scope = 'bucket' AND v.scope_id = ${bucketId} OR v.scope = 'global') ORDER BY v.scope LIMIT 1), 0)`
