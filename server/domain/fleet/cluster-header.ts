/**
 * Header of a function platform's answer to the probe: the cluster that it belongs to. A platform need not send it; the
 * demo's function servers do.
 */
export const clusterHeader = 'x-fado-cluster'
