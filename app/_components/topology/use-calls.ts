'use client'
import type { CallRow } from '../../_lib/topology/calls.ts'

/** How calls go now, of one bucket or of all; undefined while it is not told. */
export function useCalls(_bucket: string | null): readonly CallRow[] | undefined {
  return undefined
}
