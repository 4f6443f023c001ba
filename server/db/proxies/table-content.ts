/** SQL: what the route table called `alias` says (RouteTableContent); rows of an earlier version have it in columns only. */
export const tableContent = (alias: string): string =>
  `CASE WHEN ${alias}.id IS NULL THEN NULL ELSE COALESCE(${alias}.content, jsonb_build_object(
     'clusters', ${alias}.clusters, 'lbPolicy', ${alias}.lb_policy, 'timeoutMs', ${alias}.timeout_ms)) END`
