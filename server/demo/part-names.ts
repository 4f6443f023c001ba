// The names of the demo's parts, as in `pids`, log files and messages.
import type { ClusterName } from './demo-ports.ts'

export const storePart = (cluster: ClusterName): string => `store-${cluster}`
export const functionsPart = (cluster: ClusterName): string => `functions-${cluster}`
