import { type TokenRole as Role, tokenRoles } from '../../server/domain/token-role.ts'
import type { TokenView } from '../../server/services/catalogue/read-catalogue.ts'
import { asGraphqlError } from '../as-graphql-error.ts'
import { builder } from './builder.ts'
import { encodeNodeId, idOf } from './node-id.ts'
import { refusals } from './user-error.ts'

const roles: Readonly<Record<Role, string>> = {
  VIEWER: 'Reads.',
  OPERATOR: 'Reads and changes.',
  ADMIN: 'Makes and revokes tokens too.',
  NOTIFY: 'For the webhooks of stores, nothing else.',
  PROXY: 'For Envoys, nothing else.',
}
export const TokenRole = builder.enumType('TokenRole', {
  values: Object.fromEntries(tokenRoles.map((role) => [role, { description: roles[role] }])) as Record<
    Role,
    { description: string }
  >,
})

const ApiToken = builder.loadableNodeRef('ApiToken', {
  id: { resolve: (token: TokenView) => token.id },
  load: (ids: string[], { services, actor }) => asGraphqlError(services.tokens(ids, actor)) as Promise<TokenView[]>,
})

ApiToken.implement({
  description: 'Its secret is shown once, when it is made.',
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.field({ type: TokenRole, resolve: (token) => token.role }),
    zones: t.stringList({
      description: 'Bounds: it may change only what lies in one of them; empty = no bounds.',
      resolve: (token) => [...token.zones],
    }),
    createdAt: t.field({ type: 'DateTime', resolve: (token) => token.createdAt }),
    expiresAt: t.field({ type: 'DateTime', nullable: true, resolve: (token) => token.expiresAt }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'To about a minute.',
      resolve: (token) => token.lastUsedAt,
    }),
  }),
})

builder.queryField('tokens', (t) =>
  t.field({
    type: [ApiToken],
    description: 'For an ADMIN.',
    resolve: (_root, _args, { services, actor }) => asGraphqlError(services.readTokens(actor)),
  }),
)

const TokenCreateInput = builder.inputType('TokenCreateInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    role: t.field({ type: TokenRole, required: true }),
    zones: t.stringList({ required: true, defaultValue: [] }),
    expiresAt: t.field({ type: 'DateTime' }),
  }),
})
const TokenCreatePayload = builder
  .objectRef<{ readonly secret: string; readonly id: string }>('TokenCreatePayload')
  .implement({
    fields: (t) => ({
      secret: t.exposeString('secret', { description: 'Shown once.' }),
      token: t.field({ type: ApiToken, resolve: (made) => made.id }),
    }),
  })
const TokenRevokeInput = builder.inputType('TokenRevokeInput', { fields: (t) => ({ id: t.id({ required: true }) }) })
const TokenRevokePayload = builder.objectRef<{ readonly id: string }>('TokenRevokePayload').implement({
  fields: (t) => ({ revokedId: t.id({ resolve: (revoked) => encodeNodeId('ApiToken', revoked.id) }) }),
})

builder.mutationFields((t) => ({
  tokenCreate: t.field({
    type: TokenCreatePayload,
    errors: refusals,
    args: { input: t.arg({ type: TokenCreateInput, required: true }) },
    resolve: (_root, { input }, { services, actor }) => services.createToken(actor, input),
  }),
  tokenRevoke: t.field({
    type: TokenRevokePayload,
    errors: refusals,
    description: 'Its open subscriptions end.',
    args: { input: t.arg({ type: TokenRevokeInput, required: true }) },
    resolve: async (_root, { input }, { services, actor }) => ({
      id: await services.revokeToken(actor, { id: idOf('ApiToken', input.id) }),
    }),
  }),
}))
