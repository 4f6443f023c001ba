/** Whether zones, the value of a policy, let data lie in a cluster: it lies in one of them; no zones allow every cluster. */
export const zonesAllow = (zones: readonly string[], cluster: { readonly zones: readonly string[] }): boolean =>
  zones.length === 0 || zones.some((zone) => cluster.zones.includes(zone))
