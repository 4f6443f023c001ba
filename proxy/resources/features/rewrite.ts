// Path and Host of a call are set as the deployment that was chosen wants them.
import { extension, setHeader } from '../wire.ts'
import type { Feature } from './feature.ts'

const baseHeader = 'x-fado-upstream-base'
const hostHeader = 'x-fado-upstream-host'

/** header_mutation refuses to touch `:path` and the host, so it passes the endpoint's wishes on and Lua applies them. */
const wishes = extension('fado.wishes', 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: {
    request_mutations: [
      { remove: baseHeader },
      { remove: hostHeader },
      { append: setHeader(baseHeader, '%UPSTREAM_METADATA(fado:base)%') },
      { append: setHeader(hostHeader, '%UPSTREAM_METADATA(fado:host)%') },
    ],
  },
})

/**
 * A retry runs on the headers that the try before it has changed, and may go to a deployment of another form. So the
 * client's own path and host are kept at the first try and each try starts from them.
 */
const apply = extension('fado.apply', 'envoy.extensions.filters.http.lua.v3.Lua', {
  default_source_code: {
    inline_string: `function envoy_on_request(handle)
  local headers = handle:headers()
  local kept = handle:streamInfo():dynamicMetadata()
  local original = kept:get("fado.original")
  if original == nil then
    original = { path = headers:get(":path"), host = headers:get(":authority") }
    kept:set("fado.original", "path", original.path)
    kept:set("fado.original", "host", original.host)
  end
  headers:replace(":path", (headers:get("${baseHeader}") or "") .. original.path)
  headers:replace(":authority", headers:get("${hostHeader}") or original.host)
  headers:remove("${baseHeader}")
  headers:remove("${hostHeader}")
end
`,
  },
})

export const rewrite: Feature = {
  needs: ({ base, host }) => base !== '' || host !== null,
  told: ({ base, host }) => ({ ...(base === '' ? {} : { base }), ...(host === null ? {} : { host }) }),
  filters: [wishes, apply],
}
