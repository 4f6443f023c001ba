import { globalPolicyValues } from '../../db/policies/policy-values.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type IngressInfo = {
  readonly url: string
  /** Name of the request header that names the bucket. */
  readonly header: string
  /** Callers can show certificates there. */
  readonly speaksTls: boolean
}

/** Where calls go, and how they say which bucket they are about. */
export async function readIngress({ pool, ingressUrl, ingressTls }: ServiceDeps): Promise<IngressInfo> {
  const global = await globalPolicyValues(pool)
  return { url: ingressUrl, header: effectivePolicy('lb_match_header', { global }).value, speaksTls: ingressTls }
}
