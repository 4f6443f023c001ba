// `fado get tokens`.
import { CliTokensDocument, type CliTokensQuery } from '../../graphql/generated/operations.ts'
import type { Api } from './api.ts'
import type { Column } from './output.ts'

type Token = CliTokensQuery['tokens'][number]

export const tokenColumns: readonly Column<Token>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'ROLE', of: ({ role }) => role },
  { title: 'ZONES', of: ({ zones }) => (zones.length === 0 ? 'all' : zones.join(', ')) },
  { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'LAST USED', of: ({ lastUsedAt }) => lastUsedAt ?? 'never' },
]

export const loadTokens = async (api: Api): Promise<readonly Token[]> => (await api.run(CliTokensDocument, {})).tokens
