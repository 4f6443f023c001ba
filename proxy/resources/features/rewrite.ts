// A call's path, host and method are set as the deployment that was chosen wants them (proxy/lua/rewrite.lua).
import { isUnchanged } from '../../../server/domain/fleet/call-form.ts'
import { rewriteScript } from '../../lua/scripts.ts'
import type { Target } from '../target.ts'
import { extension, setHeader } from '../wire.ts'
import type { Feature } from './feature.ts'
import { identityHeader, proofOf } from './identity.ts'

const wishesHeader = 'x-fado-upstream'

/** header_mutation refuses to touch `:path` and the host, so it passes the endpoint's wishes on and Lua applies them. */
const wishes = extension('fado.wishes', 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: {
    request_mutations: [
      { remove: wishesHeader },
      { append: setHeader(wishesHeader, '%UPSTREAM_METADATA(fado:upstream)%') },
    ],
  },
})

/** Headers that the filters after this one set, in small letters: a try to another deployment must not carry them on. */
function touchedBy(all: readonly Target[]): string[] {
  const signed = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']
  const touched = all.flatMap(({ form, identity }) => [
    ...(form.payload === 'http' ? [] : ['content-type', 'content-length']),
    ...(identity?.kind === 'aws' ? signed : []),
    ...(identity?.kind === 'header' ? [identity.header] : []),
  ])
  return [...new Set(touched)].sort()
}

/** E.g. `/api/{name}{rest} - http [A-Za-z]+ -`; what a deployment does not want is `-`. */
const wishesOf = ({ form, identity }: Target): string =>
  [form.path, form.host ?? '-', form.payload, form.names, identity ? proofOf(identity) : '-'].join(' ')

export const rewrite: Feature = {
  asks: ({ form, identity }) => (isUnchanged(form) && identity === null ? undefined : ''),
  metadata: (target) => ({ fado: { upstream: wishesOf(target) } }),
  filters(all) {
    const touched = touchedBy(all).map((header) => JSON.stringify(header))
    return [
      wishes,
      extension('fado.rewrite', 'envoy.extensions.filters.http.lua.v3.Lua', {
        default_source_code: {
          inline_string: `local touched = { ${touched.join(', ')} }\nlocal identity_header = "${identityHeader}"\n${rewriteScript}`,
        },
      }),
    ]
  },
}
