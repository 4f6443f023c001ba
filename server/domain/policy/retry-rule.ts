/**
 * What of a bucket's calls is tried again on another deployment:
 * - `unsent`: what surely has not reached a function
 * - `idempotent`: that, and calls of methods that may be done twice (GET, HEAD, OPTIONS, PUT, DELETE) as long as no answer began
 * - `never`: nothing
 */
export const retryRules = ['unsent', 'idempotent', 'never'] as const
export type RetryRule = (typeof retryRules)[number]

export const parseRetryRule = (text: string): RetryRule | undefined => retryRules.find((rule) => rule === text)
