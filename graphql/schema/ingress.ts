import type { IngressInfo } from '../../server/services/routes/read-ingress.ts'
import { builder } from './builder.ts'

const Ingress = builder.objectRef<IngressInfo>('Ingress').implement({
  description: 'Where functions are called.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'A call goes to <url>/function/<name>.' }),
    header: t.exposeString('header', { description: 'Name of the request header that names the bucket.' }),
    speaksTls: t.exposeBoolean('speaksTls', { description: 'Also over TLS, where callers can show certificates.' }),
  }),
})

builder.queryField('ingress', (t) =>
  t.field({ type: Ingress, resolve: (_root, _args, { services }) => services.readIngress() }),
)
