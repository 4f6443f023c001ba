// The schema, put together of its domains.
import { builder } from './builder.ts'
import './scalars.ts'
import './bucket.ts'
import './bucket-mutations.ts'
import './fleet-mutations.ts'
import './ingress.ts'
import './link.ts'
import './policy-mutations.ts'
import './proxy.ts'
import './replica.ts'
import './replication-mutations.ts'
import './storage-mutations.ts'
import './subscriptions.ts'
import './changes.ts'
import './token.ts'
import './viewer.ts'

export const schema = builder.toSchema()
