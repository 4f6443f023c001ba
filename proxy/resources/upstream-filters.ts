// What runs on every try after its host was chosen, only in Envoy clusters with a deployment that needs it.
import { any, duration, extension, setHeader, type WireObject } from './wire.ts'

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

const codec = extension(
  'envoy.filters.http.upstream_codec',
  'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec',
)

/**
 * Function servers close connections that are idle: Node after 5 s, gunicorn after 2 s, none that we know earlier. A call
 * sent in that very moment is lost, and may not be sent again, for nobody knows whether it was taken. So Envoy closes first.
 */
const idleMs = 1000

/** `rewrite`: path and Host as the endpoint's metadata ask for. */
export const httpProtocolOptions = (rewrite: boolean): WireObject => ({
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    {
      common_http_protocol_options: { idle_timeout: duration(idleMs) },
      explicit_http_config: { http_protocol_options: {} },
      ...(rewrite ? { http_filters: [wishes, apply, codec] } : {}),
    },
  ),
})
