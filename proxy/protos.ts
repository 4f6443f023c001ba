// Envoy's API as proto-loader has it, from the files that @grpc/grpc-js-xds ships.
import { createRequire } from 'node:module'
import path from 'node:path'
import { type AnyDefinition, loadSync, type MessageTypeDefinition } from '@grpc/proto-loader'
import type { WireObject } from './resources/wire.ts'
import { messageNames, type ResourceType } from './type-urls.ts'

const deps = path.resolve(createRequire(import.meta.url).resolve('@grpc/grpc-js-xds'), '../../../deps')
const extensions = 'envoy/extensions/'

/** Each message that a resource holds in an Any must be listed: one that is not known cannot be encoded. */
const files = [
  'envoy/service/discovery/v3/ads.proto',
  'envoy/config/listener/v3/listener.proto',
  'envoy/config/route/v3/route.proto',
  'envoy/config/route/v3/scoped_route.proto',
  'envoy/config/cluster/v3/cluster.proto',
  'envoy/config/endpoint/v3/endpoint.proto',
  'envoy/config/core/v3/extension.proto',
  'envoy/service/runtime/v3/rtds.proto',
  ...[
    'access_loggers/filters/cel/v3/cel.proto',
    'common/matching/v3/extension_matcher.proto',
    'filters/common/matcher/action/v3/skip_action.proto',
    'filters/http/composite/v3/composite.proto',
    'filters/http/credential_injector/v3/credential_injector.proto',
    'filters/http/header_mutation/v3/header_mutation.proto',
    'filters/http/header_to_metadata/v3/header_to_metadata.proto',
    'filters/http/jwt_authn/v3/config.proto',
    'filters/http/lua/v3/lua.proto',
    'filters/http/rbac/v3/rbac.proto',
    'filters/http/router/v3/router.proto',
    'filters/http/set_metadata/v3/set_metadata.proto',
    'filters/http/upstream_codec/v3/upstream_codec.proto',
    'filters/network/http_connection_manager/v3/http_connection_manager.proto',
    'http/injected_credentials/generic/v3/generic.proto',
    'load_balancing_policies/least_request/v3/least_request.proto',
    'load_balancing_policies/maglev/v3/maglev.proto',
    'load_balancing_policies/round_robin/v3/round_robin.proto',
    'load_balancing_policies/subset/v3/subset.proto',
    'retry/host/previous_hosts/v3/previous_hosts.proto',
    'retry/priority/previous_priorities/v3/previous_priorities_config.proto',
    'transport_sockets/internal_upstream/v3/internal_upstream.proto',
    'transport_sockets/raw_buffer/v3/raw_buffer.proto',
    'transport_sockets/tls/v3/secret.proto',
    'transport_sockets/tls/v3/tls.proto',
    'upstreams/http/v3/http_protocol_options.proto',
  ].map((file) => extensions + file),
  'envoy/type/matcher/v3/http_inputs.proto',
  'xds/type/v3/typed_struct.proto',
]

/** All message and service definitions; ads-server.ts takes its service from here. */
export const definitions = loadSync(files, {
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: false,
  oneofs: true,
  includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((dir) => path.join(deps, dir)),
})

/** Protobuf bytes of a resource. Throws on a field value that its message cannot hold. */
export function encode(type: ResourceType, resource: WireObject): Buffer {
  const definition = definitions[messageNames[type]]
  if (!definition || !isMessage(definition)) throw new Error(`no definition of ${messageNames[type]}`)
  return definition.serialize(resource)
}

const isMessage = (definition: AnyDefinition): definition is MessageTypeDefinition<object, object> =>
  definition['format'] === 'Protocol Buffer 3 DescriptorProto'
