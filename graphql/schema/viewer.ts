import { roleAllows } from '../../server/domain/token-role.ts'
import type { Actor } from '../../server/services/shared/authorize.ts'
import { builder } from './builder.ts'
import { TokenRole } from './token.ts'

const Viewer = builder.objectRef<Actor>('Viewer').implement({
  description: 'Who asks: the token of this request.',
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.field({ type: TokenRole, resolve: ({ role }) => role }),
    zones: t.stringList({
      description: 'Bounds: it may change only what lies in one of them; empty = no bounds.',
      resolve: ({ zones }) => [...zones],
    }),
    mayChange: t.boolean({
      description: 'Whether its role allows changes, within its zones.',
      resolve: ({ role }) => roleAllows(role, 'OPERATOR'),
    }),
    mayManageTokens: t.boolean({ resolve: ({ role }) => roleAllows(role, 'ADMIN') }),
  }),
})

builder.queryField('viewer', (t) => t.field({ type: Viewer, resolve: (_root, _args, { actor }) => actor }))
