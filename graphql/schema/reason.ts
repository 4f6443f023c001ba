import { type Reason as DomainReason, reasonCodes } from '../../server/domain/reason.ts'
import { builder } from './builder.ts'

/** `since` where it is kept. */
export type ReasonShape = DomainReason & { readonly since?: Date | null }

export const Reason = builder.objectRef<ReasonShape>('Reason').implement({
  description: 'Why something is as it is: a code and names for programs, a sentence for people.',
  fields: (t) => ({
    code: t.exposeString('code', { description: `One of ${reasonCodes.join(', ')}; a later version may have more.` }),
    message: t.exposeString('message', { description: 'For people; it may be worded otherwise any time.' }),
    store: t.string({
      nullable: true,
      description: 'The storage deployment that it is about.',
      resolve: (reason) => reason.store ?? null,
    }),
    keys: t.stringList({
      description: 'A few of the objects that it is about.',
      resolve: (reason) => [...(reason.keys ?? [])],
    }),
    since: t.field({ type: 'DateTime', nullable: true, resolve: (reason) => reason.since ?? null }),
  }),
})
