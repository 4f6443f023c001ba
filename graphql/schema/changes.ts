// A hint for who shows things: this one is other than it was, came or went. What a page shows is then asked for again.
import { follow } from '../follow.ts'
import { builder } from './builder.ts'
import { encodeNodeId } from './node-id.ts'

const ChangeKind = builder.enumType('ChangeKind', {
  values: {
    BUCKET: { value: 'bucket', description: 'Its policies, placement, copies or counts.' },
    CLUSTER: { value: 'cluster' },
    STORAGE_DEPLOYMENT: { value: 'storage' },
    FAAS_DEPLOYMENT: { value: 'faas' },
    API_TOKEN: { value: 'token' },
    CALLER: { value: 'caller', description: 'It came, or it went.' },
    EVERYTHING: {
      value: 'everything',
      description:
        'All that was read before is to be read again: told at first, for what changed meanwhile is told no more, and when the database was replaced, by one that was restored for example.',
    },
    PROXY: { value: 'proxy', description: 'It came, or it went.' },
  } as const,
})
type ChangeKindValue = typeof ChangeKind.$inferType
const typenames: Readonly<Record<ChangeKindValue, string>> = {
  bucket: 'Bucket',
  cluster: 'Cluster',
  storage: 'StorageDeployment',
  faas: 'FaasDeployment',
  token: 'ApiToken',
  caller: 'Caller',
  everything: 'Cluster',
  proxy: 'Proxy',
}

const Change = builder.objectRef<{ at: Date; kind: ChangeKindValue; subject: string }>('Change').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: (event) => event.at }),
    kind: t.field({ type: ChangeKind, resolve: (event) => event.kind }),
    subject: t.field({
      type: 'ID',
      description: 'The global id of what changed; `node` gives null when it is gone, and for EVERYTHING.',
      resolve: (event) => encodeNodeId(typenames[event.kind], event.subject),
    }),
  }),
})

/** An id that nothing has, for what is about no thing. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** Subjects of the feed's `any` are `topic:id`, or `everything`. */
function changeOf(named: string): { kind: ChangeKindValue; subject: string } | undefined {
  const [topic = '', subject = nobody] = named.split(':')
  const kind = (Object.keys(typenames) as ChangeKindValue[]).find((one) => one === topic)
  return kind && { kind, subject }
}

builder.subscriptionField('changes', (t) =>
  t.field({
    type: Change,
    description:
      'At first EVERYTHING; from then on, what is other than it was, came or went. Progress, routes and what proxies accept have subscriptions of their own.',
    subscribe: (_root, _args, context) =>
      follow(context, 'any', undefined, async (named) =>
        named.flatMap((one) => changeOf(one) ?? []).map((change) => ({ at: new Date(), ...change })),
      ),
    resolve: (event) => event,
  }),
)
