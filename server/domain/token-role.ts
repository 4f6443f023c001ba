/** What a token may do. VIEWER reads, OPERATOR changes too, ADMIN also makes tokens; the others have one door each. */
export type TokenRole = 'VIEWER' | 'OPERATOR' | 'ADMIN' | 'NOTIFY' | 'PROXY'

export const tokenRoles: readonly TokenRole[] = ['VIEWER', 'OPERATOR', 'ADMIN', 'NOTIFY', 'PROXY']

const ranks: Readonly<Partial<Record<TokenRole, number>>> = { VIEWER: 1, OPERATOR: 2, ADMIN: 3 }

/** Whether a token of the role `has` may do what needs the role `needs`. NOTIFY and PROXY open only their own door. */
export function roleAllows(has: TokenRole, needs: TokenRole): boolean {
  if (needs === 'NOTIFY') return has === 'NOTIFY' || roleAllows(has, 'OPERATOR')
  if (needs === 'PROXY') return has === 'PROXY' || has === 'ADMIN'
  return (ranks[has] ?? 0) >= (ranks[needs] ?? Number.POSITIVE_INFINITY)
}
