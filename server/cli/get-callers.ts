// `fado get callers`.
import { CliCallersDocument, type CliCallersQuery } from '../../graphql/generated/operations.ts'
import { namingWords } from '../domain/callers/naming-words.ts'
import type { Api } from './api.ts'
import type { Column } from './output.ts'

type Caller = CliCallersQuery['callers'][number]

const known: Readonly<Record<Caller['kind'], string>> = {
  JWT: 'tokens of an issuer',
  KEY: 'a key',
  CERTIFICATE: 'a certificate',
}

export const callerColumns: readonly Column<Caller>[] = [
  { title: 'NAME', of: ({ name }) => name },
  { title: 'KNOWN BY', of: ({ kind }) => known[kind] },
  { title: 'NAMED BY', of: ({ namedBy }) => namingWords(namedBy) || null },
]

export const loadCallers = async (api: Api): Promise<readonly Caller[]> =>
  (await api.run(CliCallersDocument, {})).callers
